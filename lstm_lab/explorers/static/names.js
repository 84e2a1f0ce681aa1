// Type a name: what each readout believes after each of its letters, as a stream of probability.

import { tag, text, through, visible } from "./draw.js";
import {
  bound,
  choice,
  cutAt,
  escape,
  exampleOf,
  lettersOf,
  line,
  list,
  MOST,
  once,
  percent,
  playButton,
  tidy,
  unknown,
} from "./kit.js";
import { affine, embedded, run, softmax, weightsOf } from "./recurrent.js";

const CHIPS = 4; // examples above the picture
export const COLOURS = 8; // classes that have one
const [WIDTH, HEIGHT] = [334, 100];

const over = (join) => (records) =>
  records[0].h.map((_, unit) => join(records.map(({ h }) => h[unit])));
const last = ["the last h", (records) => records.at(-1).h];

// What each readout is, and the vector that it takes from the states so far.
const READOUTS = {
  h_n: last,
  last,
  c_n: ["the last c", (records) => records.at(-1).c],
  mean: ["the mean of h", over((values) => values.reduce((a, b) => a + b) / values.length)],
  max: ["the largest of each h", over((values) => Math.max(...values))],
};

/** Return the states after each letter, and the chances that each readout gives then. */
export function read(data, text) {
  if (!text || unknown(data.letters, text)) return null;
  const weights = data.decoded ??= weightsOf(data.weights);
  const rows = [...text].map((letter) =>
    embedded(weights["embedding.weight"], [...data.letters].indexOf(letter) + 1)
  );
  const network = { ...data.network, decoded: weights, prefix: "layer." };
  const records = run(network, [rows]).trace[0][0][0];
  const heads = Object.entries(data.heads);
  const after = records.map((_, step) =>
    Object.fromEntries(heads.map(([name, head]) => {
      const taken = READOUTS[name][1](records.slice(0, step + 1));
      return [name, softmax(affine(weights[`${head}.weight`], taken, weights[`${head}.bias`]))];
    }))
  );
  return { records, after };
}

const order = (chances) => chances.map((_, k) => k).sort((a, b) => chances[b] - chances[a]);
const likely = (data, chances, many = 1) =>
  order(chances).slice(0, many).map((k) => `${data.classes[k]} ${percent(chances[k])}`).join(", ");

/** Return what is drawn of a text, whatever letter is chosen; null where one is unknown. */
function seen(data, words) {
  return once(data, words, () => {
    const letters = lettersOf(words);
    const found = read(data, letters.join(""));
    if (!found) return null;
    const truth = data.truths[data.examples.indexOf(words)];
    const colours = coloured(found.after, truth);
    const streams = Object.keys(data.heads).map((name) => {
      const chances = found.after.map((each) => each[name]);
      return { name, chances, areas: areas(data, chances, colours) };
    });
    return { letters, truth, colours, streams };
  });
}

/** Return the class of each colour: the truth, then the strongest of what leads anywhere. */
function coloured(after, truth) {
  const peaks = new Map([[truth, 1]]);
  for (const chances of after.flatMap(Object.values)) {
    const [best] = order(chances);
    peaks.set(best, Math.max(peaks.get(best) ?? 0, chances[best]));
  }
  const least = [...peaks.values()].sort((a, b) => b - a)[COLOURS - 1] ?? 0;
  return [...peaks.keys()].filter((k) => peaks.get(k) >= least);
}

/** Return the areas of a stream, the truth lowest, with their names where there is room. */
function areas(data, chances, colours) {
  const edge = (shares) =>
    [shares[0], ...shares, shares.at(-1)].map((share, t) => {
      const x = Math.min(WIDTH, Math.max(0, (t - 0.5) * WIDTH / shares.length));
      return [x, HEIGHT * (1 - share)];
    });
  let low = chances.map(() => 0);
  return [...colours, -1].map((k, colour) => {
    if (k === undefined) return "";
    const high = low.map((base, t) => base + (chances[t][k] ?? 1 - base));
    const words = data.classes[k] ?? "others";
    const place = placed(low, high, 7.4 * words.length);
    const d = `${through([...edge(high), ...edge(low).reverse()])}Z`;
    const quantity = `class-${k < 0 ? k : colour}`;
    low = high;
    return tag("path", { class: `lab-stream q-${quantity}`, d }) +
      (place && text(...place, words, { anchor: "middle", kind: "lab-called", quantity }));
  }).join("");
}

/** Return where words of some width have most room between two edges; "" where they have none. */
function placed(low, high, width) {
  const at = (edge, x) => {
    const t = Math.min(edge.length - 1, Math.max(0, x * edge.length / WIDTH - 0.5));
    const k = Math.floor(t);
    return edge[k] + (t - k) * ((edge[k + 1] ?? edge[k]) - edge[k]);
  };
  let [place, most] = ["", 15 / HEIGHT];
  // The cursor's first place, at the last letter, stays free.
  const end = WIDTH - 3 - WIDTH / Math.max(10, 2 * low.length);
  for (let x = 3 + width / 2; x < end - width / 2; x += 3) {
    const across = [-2, -1, 0, 1, 2].map((k) => x + k * width / 4);
    const floor = Math.max(...across.map((each) => at(low, each)));
    const room = Math.min(...across.map((each) => at(high, each))) - floor;
    if (room > most) [place, most] = [[x, HEIGHT * (1 - floor - room / 2) + 4.5], room];
  }
  return place;
}

/** Return what a readout believes: after the chosen letter in words, over all of them drawn. */
function belief(data, { letters, truth, colours }, { name, chances, areas }, step) {
  const [best] = order(chances[step]);
  const [mark, word] = best === truth ? ["\u2713", "right"] : ["\u2717", "wrong"];
  const judged = truth === undefined ? "" : tag("span", { role: "img", "aria-label": word }, mark);
  const heading = tag("code", { class: `q-${name === "c_n" ? "c" : "h"}` }, name) +
    `<small>${READOUTS[name][0]}</small><b class="q-class-${colours.indexOf(best)}">` +
    `${judged} ${escape(likely(data, chances[step]))}</b>`;
  const width = WIDTH / letters.length;
  const now = (step + 0.5) * width;
  const kept = step < letters.length - 1 ? now : WIDTH;
  const veil = tag("rect", { class: "lab-veil", x: kept, width: WIDTH - kept, height: HEIGHT }) +
    tag("rect", { class: "lab-cursor", x: now - 1.5, width: 3, height: HEIGHT + 2 });
  const told = (t, many) => `${visible(letters[t])}: ${likely(data, chances[t], many)}`;
  const columns = letters.map((letter, t) => {
    const style = { anchor: "middle", kind: t > step ? "lab-code lab-soft" : "lab-code" };
    const picked = { "data-pick": t, "data-tip": told(t, 3) };
    const place = { x: t * width, width, height: HEIGHT + 17 };
    return text((t + 0.5) * width, HEIGHT + 14, visible(letter), style) +
      tag("rect", { class: "lab-part", ...picked, ...place });
  });
  const stream = tag("svg", {
    class: "lab-svg",
    viewBox: `0 0 ${WIDTH} ${HEIGHT + 17}`,
    role: "img",
    "aria-label": `${name} after each letter: ${letters.map((_, t) => told(t)).join("; ")}`,
  }, areas + veil + columns.join(""));
  const tip = `a vector of shape (${data.network.hidden_size},), then a linear layer and a softmax`;
  return `<div>${tag("p", { class: "lab-heading", "data-tip": tip }, heading)}${stream}</div>`;
}

export const nameExplorer = {
  title: "Watch a network make up its mind",
  help: "Choose a letter to see what each readout believes after it; arrow keys move.",
  fold: "More names",
  state: { text: "", step: 0 },

  clean(data, state) {
    // More letters than are read stay in the line, and the words say where it is cut.
    const text = [...tidy(state.text)].slice(0, 2 * MOST).join("");
    return { text, step: bound(state.step, 0, Math.max(0, lettersOf(text).length - 1)) };
  },

  controls: (data, state, uid) =>
    line("text", "type a name", { size: 16, length: 2 * MOST }, state) +
    (data.examples.length
      ? choice(uid, "example", "or", data.examples.slice(0, CHIPS), { example: state.text })
      : ""),

  walk: () => playButton("letter by letter"),

  more: (data, state) =>
    data.examples.length > CHIPS
      ? list("example", "an example", [["", "none"], ...data.examples], { example: state.text })
      : "",

  value: exampleOf,
  typed: (data, state, key, control) => ({ text: control.value, step: MOST }),
  pick: (data, state, step) => ({ step: Number(step) }),
  steps: (data, { text }) => seen(data, text)?.letters.length ?? 0,
  now: (data, { step }) => step,
  at: (data, state, step) => ({ step }),

  says(data, { text, step }) {
    if (!text) return "Type what one of the languages calls a language or a country.";
    const strange = unknown(data.letters, lettersOf(text));
    if (strange) {
      return `The network has no number for ${strange}: it was in no name of the training.`;
    }
    const { letters, truth, streams } = seen(data, text);
    const said = {};
    for (const { name, chances } of streams) {
      (said[data.classes[order(chances[step])[0]]] ??= []).push(`<code>${name}</code>`);
    }
    const clauses = Object.entries(said).map(([called, names]) => (
      `${names[3] ? "all readouts" : names.join(" and ")} say${names[1] ? "" : "s"} ` +
      `<b>${escape(called)}</b>`
    ));
    const is = truth === undefined ? "" : ` It is <b>${escape(data.classes[truth])}</b>.`;
    const begun = escape(letters.slice(0, step + 1).join(""));
    return `After "${begun}", ${clauses.join(", ")}.${is}${cutAt(text)}`;
  },

  display(data, { text, step }) {
    const view = seen(data, text);
    if (!view) return "";
    const buttons = view.letters.map((letter, t) =>
      tag("button", {
        type: "button",
        "data-pick": t,
        "data-row": 0,
        "data-column": t,
        "aria-pressed": `${t === step}`,
        tabindex: t === step ? 0 : -1,
        "aria-label": `${letter === " " ? "space" : letter}, letter ${t}`,
      }, escape(visible(letter)))
    );
    const beliefs = view.streams.map((stream) => belief(data, view, stream, step));
    return '<div data-panel role="group" aria-label="letters; arrow keys move">' +
      `<div class="lab-call lab-letters">${buttons.join("")}</div>` +
      `<div class="lab-beliefs">${beliefs.join("")}</div></div>`;
  },
};
