// Lighthouse's four scores of every built page, median of three runs, as a table in Markdown.
//
//   RUNS=3 FORMS=phone,desktop node scores.mjs BUILT_HTML [PART OF A PAGE'S NAME]
//
// The pages are served compressed, as a host of static pages does, and nothing else can be reached.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";
import lighthouse, { desktopConfig } from "lighthouse";
import * as chromeLauncher from "chrome-launcher";

const [folder, part = ""] = process.argv.slice(2);
if (!folder) throw new Error("node scores.mjs BUILT_HTML [PART OF A PAGE'S NAME]");
const root = path.resolve(folder);
const RUNS = Number(process.env.RUNS ?? 3);
const FORMS = (process.env.FORMS ?? "phone,desktop").split(",");
const KINDS = ["performance", "accessibility", "best-practices", "seo"];
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".txt": "text/plain",
};
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

const server = http.createServer((request, response) => {
  const file = path.join(root, decodeURIComponent(new URL(request.url, "http://x").pathname));
  const type = TYPES[path.extname(file)];
  if (!file.startsWith(root) || !type || !fs.existsSync(file)) return response.writeHead(404).end();
  const compress = !/image\/png|font/.test(type);
  const headers = { "content-type": type, "cache-control": "max-age=600" };
  if (compress) headers["content-encoding"] = "gzip";
  const body = fs.readFileSync(file);
  response.writeHead(200, headers).end(compress ? zlib.gzipSync(body) : body);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const pages = fs.readdirSync(root, { recursive: true }).map((name) => name.replaceAll("\\", "/"))
  .filter((name) => name.endsWith(".html") && !name.startsWith("_static/") && name.includes(part))
  .filter((name) => !["index.html", "404.html"].includes(name))
  .filter((name) => part || !name.startsWith("_modules/")).sort(); // source code: all alike, by name

async function scores(page, form) {
  const chrome = await chromeLauncher.launch({
    chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromeFlags: FLAGS,
    logLevel: "silent",
  });
  const options = { port: chrome.port, logLevel: "error", onlyCategories: KINDS };
  const config = form === "desktop" ? desktopConfig : undefined;
  try {
    const { lhr } = await lighthouse(`${origin}/${page}`, options, config);
    const failed = Object.values(lhr.audits)
      .filter((audit) => audit.score !== null && audit.score < 0.9).map((audit) => audit.id);
    return { values: KINDS.map((kind) => Math.round(100 * lhr.categories[kind].score)), failed };
  } finally {
    await chrome.kill();
  }
}

console.log(
  "| page | form | performance (lowest to highest) | accessibility | best practices | SEO |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
const wanting = new Set();
for (const page of pages) {
  for (const form of FORMS) {
    const runs = [];
    for (let k = 0; k < RUNS; k++) runs.push(await scores(page, form));
    const sorted = KINDS.map((_, i) => runs.map((run) => run.values[i]).sort((a, b) => a - b));
    const median = sorted.map((values) => values[Math.floor(RUNS / 2)]);
    const spread = `${median[0]} (${sorted[0][0]} to ${sorted[0].at(-1)})`;
    console.log(`| ${page} | ${form} | ${spread} | ${median.slice(1).join(" | ")} |`);
    for (const run of runs) for (const name of run.failed) wanting.add(name);
  }
}
console.log(`\nBelow 90 somewhere: ${[...wanting].sort().join(", ") || "nothing"}`);
server.close();
