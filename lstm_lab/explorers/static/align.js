// An encoder hands over to a decoder: letters above, symbols below, attention as ribbons between.

import { box, frame, layouts, letter, picture, ribbon, tag, text, wire } from "./draw.js";
import {
  bound,
  choice,
  cutAt,
  escape,
  exampleOf,
  line,
  list,
  once,
  percent,
  playButton,
  quoted,
  slider,
  tidy,
  unknown,
  withEntry,
} from "./kit.js";
import { affine, part, run, softmax, weightsOf } from "./recurrent.js";

const MOST = 40; // letters of a source
const LONGEST = 30; // symbols of a target
const STOP = "\u25a0"; // how the stop symbol is shown
const SOFT = { kind: "lab-soft" };

const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);

const embedded = (table, number) =>
  Array.from(table.values.subarray(number * table.columns, (number + 1) * table.columns));

/** Return the final states as a decoder wants them: {h[layer][0], c[layer][0]}. */
function initial(model, weights, { h_n, c_n }) {
  if (!model.encoder.bidirectional) return { h: h_n, c: c_n };
  const bridged = (rows, k, squash) =>
    Array.from({ length: model.encoder.num_layers }, (_, layer) => [
      affine(weights[`encoder.bridges.${k}.weight`], [
        ...rows[2 * layer][0],
        ...rows[2 * layer + 1][0],
      ], weights[`encoder.bridges.${k}.bias`]).map(squash),
    ]);
  return { h: bridged(h_n, 0, Math.tanh), c: bridged(c_n, 1, (value) => value) };
}

/** Return how likely each symbol is next, and where the decoder looked. */
function decide(weights, h, output, keys) {
  let [read, attention] = [h, null];
  if (keys) {
    attention = softmax(keys.map((each) => dot(each, h)));
    const context = output[0].map((_, k) =>
      output.reduce((sum, state, t) => sum + attention[t] * state[k], 0)
    );
    read = affine(weights["decoder.join.weight"], [...h, ...context], weights["decoder.join.bias"])
      .map(Math.tanh);
  }
  return {
    chances: softmax(affine(weights["decoder.head.weight"], read, weights["decoder.head.bias"])),
    attention,
  };
}

/** Return all that happens: the encoder's output, what is handed over, and each symbol said. */
export function translate(data, name, text) {
  return once(data, [name, text], () => translated(data, name, text));
}

function translated(data, name, text) {
  const model = data.models[name];
  const weights = model.decoded ?? (model.decoded = weightsOf(model));
  const rows = [...text].map((letter) =>
    embedded(weights["encoder.embedding.weight"], [...data.letters].indexOf(letter) + 1)
  );
  const read = run({ ...model.encoder, decoded: part(weights, "encoder.layer.") }, [rows]);
  const decoder = { ...model.decoder, decoded: part(weights, "decoder.layer.") };
  const given = initial(model, weights, read);
  const key = weights["decoder.key.weight"];
  const keys = key && read.output[0].map((each) => affine(key, each));
  let [state, fed] = [given, data.start];
  const said = [];
  while (said.length < LONGEST) {
    const x = [[embedded(weights["decoder.embedding.weight"], fed)]];
    const stepped = run(decoder, x, { hx: state });
    const { chances, attention } = decide(weights, stepped.output[0][0], read.output[0], keys);
    // 0 is padding and the start symbol begins: neither is ever said.
    const best = chances.reduce(
      (top, chance, k) => (k && k !== data.start && (!top || chance > chances[top]) ? k : top),
      0,
    );
    state = { h: stepped.h_n, c: stepped.c_n };
    said.push({ symbol: best, chances, attention });
    if (best === data.stop) break;
    fed = best;
  }
  return { output: read.output[0], given, said };
}

/** Return what is shown of a source, or null where there is none that the network knows. */
export function seen(data, { text, model, clock }) {
  const letters = [...text].slice(0, MOST);
  if (!text || unknown(data.letters, letters).length) return null;
  const { output, given, said } = translate(data, model, letters.join(""));
  const called = (symbol) => symbol === data.stop ? STOP : [...data.symbols][symbol - 1];
  return {
    letters,
    output,
    given: { h: given.h.flat(2), c: given.c.flat(2) },
    numbers: [given.h, given.c].flat(4).length,
    said: said.map((each) => ({ ...each, name: called(each.symbol) })),
    attends: Boolean(said[0].attention),
    clock,
    now: clock - letters.length - 1, // the symbol that is said at this moment
    last: letters.length + said.length,
  };
}

const named = (name) => ({ " ": "the blank", [STOP]: "the stop symbol" })[name] ?? `"${name}"`;
const brief = (share) => percent(share).replace("more than ", ">");

/** Say where a symbol looks, by itself where it looks most. */
const looks = ({ letters }, { attention }, t = attention.indexOf(Math.max(...attention))) =>
  `looks at ${named(letters[t])} (letter ${t}): ${percent(attention[t])}`;

/** Return where everything stands: letters and symbols share their columns. */
function layoutOf({ letters, said, attends }, width) {
  const narrow = width < 500;
  const [left, right, least, high, deep, thick] = narrow
    ? [22, 16, 300, 42, 120, 10]
    : [72, 34, 490, 48, 140, 14];
  const longest = Math.max(...said.map(({ name }) => [...name].length));
  const columns = Math.max(letters.length, said.length);
  const pitch = Math.max(24, 9 * longest + 6, Math.min(46, (width - left - right) / columns));
  const size = Math.min(34, pitch - 4);
  const end = left + Math.max(pitch * columns, least);
  const top = attends ? 38 : 22;
  const strips = top + size + 9;
  const under = strips + high + 5;
  const below = under + (attends ? deep : 100);
  // Where nothing else leads down, the state passes between the rows.
  const given = attends ? below + size + 42 : under + 22;
  const x = (k) => left + (k + 0.5) * pitch;
  const height = attends ? given + 52 : below + size + 36;
  width = Math.max(width, end + right);
  const sizes = { width, height, left, pitch, size, end, high, thick, narrow };
  return { ...sizes, top, strips, under, below, given, x };
}

/** Return many numbers as fine bars, a unit high and wide until `transform` places them. */
export function comb(quantity, values, transform) {
  const bar = (value, k) => `M0 ${k + 0.5}h${value.toFixed(2)}`;
  const paths = ["", "lab-neg"].map((kind) => {
    const some = values.map((value, k) => (value < 0) === Boolean(kind) ? bar(value, k) : "");
    return tag("path", { class: kind, d: some.join("") });
  });
  return tag("g", { class: `lab-comb q-${quantity}`, transform }, paths.join(""));
}

/** Return h or c: along the letters, through the hand-over, along the symbols. */
function wires(view, at, quantity) {
  const [width, arrow, share, out, row] = quantity === "c"
    ? [5, 6, 0.3, 14, 34]
    : [2, 4.5, 0.7, 6, 14];
  const last = view.letters.length - 1;
  const along = (k, y) => wire(quantity, [[at.x(0), y], [at.x(k), y]], { width });
  const [above, below] = [at.top, at.below].map((y) => y + share * at.size);
  const [middle, turn] = [at.given + row, view.attends ? -9 : 9]; // up again, or further down
  const left = at.left + 7 - (view.attends ? out : 20 - out);
  const d = `M${at.x(last)} ${above}H${at.end + out - 9}q9 0 9 9V${middle - 9}q0 9 -9 9H${left}` +
    `q-9 0 -9 ${turn}V${below - turn}q0 ${turn} 9 ${turn}`;
  const kind = view.now < -1 ? "lab-later" : "lab-poured";
  const pipe = tag("path", { d, "stroke-width": width });
  return along(Math.min(view.clock, last), above) +
    tag("g", { class: `lab-wire q-${quantity} ${kind}` }, pipe) +
    wire(quantity, [[left, below], [at.left + 3, below]], { width, arrow, kind }) +
    along(Math.max(0, view.now), below);
}

/** Return what stands for a moment as a button. */
const moment = (view, when, told, inside) =>
  tag("g", {
    class: when === view.clock ? "lab-now" : "",
    role: "button",
    tabindex: when === view.clock ? 0 : -1,
    "data-pick": when,
    "data-row": 0,
    "data-column": when,
    "aria-pressed": String(when === view.clock),
    "aria-label": told,
    "data-tip": told,
  }, inside);

/** Return a letter or symbol in its column, with a share above or below it. */
const placed = (at, k, y, high, name, quantity, share, dy) =>
  box(at.x(k) - at.pitch / 2, y, at.pitch, high, "lab-part") +
  letter(at.x(k) - at.size / 2, y, at.size, name) +
  text(at.x(k), y + dy, share, { anchor: "middle", kind: "lab-num", quantity });

/** Return a letter, its share of the attention, and its state. */
function letterOf(view, at, t) {
  const [name, values, said, x] = [view.letters[t], view.output[t], view.said[view.now], at.x(t)];
  const share = said?.attention?.[t] ?? 0;
  const told = share < 0.005
    ? `${named(name)}, letter ${t}`
    : `${named(said.name)} ${looks(view, said, t)}`;
  const words = share > (at.narrow ? 0.5 : 0.1) ? brief(share) : "";
  const level = [x - at.size / 2, at.top + (1 - share) * at.size, at.size, share * at.size];
  const scale = `scale(${at.pitch / 2 - 3} ${at.high / values.length})`;
  const inside = placed(at, t, at.top, at.under - at.top, name, "attention", words, -6) +
    box(...level, "lab-level q-attention") +
    comb("h", t > view.clock ? [] : values, `translate(${x} ${at.strips}) ${scale}`);
  return moment(view, t, told, inside);
}

/** Return a symbol, and how likely it was. */
function symbolOf(view, at, k) {
  const [said, later] = [view.said[k], k > view.now];
  const chance = said.chances[said.symbol];
  const told = said.attention ? ` ${looks(view, said)}` : `: ${percent(chance)}`;
  const words = k === view.now ? brief(chance) : "";
  const name = later ? "" : said.name;
  const inside = placed(at, k, at.below, 24, name, "score", words, at.size + 15);
  const seen = later ? `symbol ${k}, not said yet` : named(name) + told;
  return moment(view, view.letters.length + 1 + k, seen, inside);
}

/** Return what is handed over. */
function handover(view, at) {
  const [x, y, wide] = [at.left + (at.narrow ? 6 : 40), at.given, at.narrow ? 146 : 210];
  const row = (quantity, middle) => {
    const values = view.given[quantity];
    const high = 9 / Math.max(1, ...values.map(Math.abs));
    const turned = `rotate(-90) scale(${high} ${wide / values.length})`;
    return text(x + 7, middle + 4.5, `${quantity}_n`, { quantity, kind: "lab-code" }) +
      comb(quantity, view.now < -1 ? [] : values, `translate(${x + 42} ${middle}) ${turned}`);
  };
  const inside = box(x, y, wide + 50, 48) + row("h", y + 14) + row("c", y + 34);
  const told = `handed over: ${view.numbers} numbers`;
  return moment(view, view.letters.length, `h_n and c_n, ${told}`, inside) +
    text(x + wide + 60, y + 4, at.narrow ? `${view.numbers} numbers` : told, SOFT) +
    text(x + wide + 60, y + 54, view.attends ? "" : "the only way through", SOFT);
}

/** Return the ribbons from one symbol to the letters that it looks at. */
function ribbons(view, at, k) {
  const all = (view.said[k].attention ?? []).map((share, t) => {
    if (share < 0.03) return "";
    const [from, to] = [[at.x(t), at.under], [at.x(k), at.below - 3]];
    const drawn = ribbon("attention", from, to, share * at.thick);
    return tag(
      "g",
      { "data-tip": `${named(view.said[k].name)} ${looks(view, view.said[k], t)}` },
      drawn,
    );
  });
  const kind = k === view.now ? "lab-now" : k > view.now ? "lab-unsaid" : "";
  return tag("g", { class: `lab-look ${kind}` }, all.join(""));
}

/** Return encoder, hand-over and decoder as a picture. */
export function handed(view, width) {
  const at = layoutOf(view, width);
  const aside = (quantity, y) =>
    at.narrow
      ? text(10, y, quantity, { anchor: "middle", quantity, transform: `rotate(-90 10 ${y})` })
      : text(0, y + 4, quantity, { quantity });
  const all = { x: at.left - 1, width: view.letters.length * at.pitch + 2 };
  const parts = [
    text(at.left, 13, "the encoder reads", SOFT),
    aside("output", at.strips + at.high / 2),
    frame("output", { ...all, y: at.strips - 4, height: at.high + 8 }, {
      kind: `lab-shown${view.attends ? "" : " lab-dim"}`,
    }),
    view.attends
      ? aside("attention", (at.under + at.below) / 2)
      : text(at.left, at.under + 14, "not used", SOFT),
    wires(view, at, "c"),
    wires(view, at, "h"),
    ...view.said.map((_, k) => ribbons(view, at, k)),
    ...view.letters.map((_, t) => letterOf(view, at, t)),
    handover(view, at),
    ...view.said.map((_, k) => symbolOf(view, at, k)),
    text(at.left, at.below + at.size + 30, "the decoder says", SOFT),
  ];
  return picture(at.width, at.height, parts, {
    title: "Encoder and decoder; arrow keys move",
    group: true,
  });
}

/** Return the attention so far as a table. */
function map(view) {
  const head = view.letters.map((each) =>
    `<th scope="col">${each === " " ? "\u2423" : escape(each)}</th>`
  );
  const rows = view.said.slice(0, view.now + 1).map(({ name, attention }) => {
    const cells = attention.map((share) => (
      `<td style="--share:${Math.round(70 * share)}%">${Math.round(100 * share)}</td>`
    ));
    return `<tr><th scope="row">${escape(name)}</th>${cells.join("")}</tr>`;
  });
  const label = "attention of each symbol on each letter, per cent";
  return `<div class="lab-scroll" tabindex="0" role="group" aria-label="${label}"><table ` +
    `class="lab-map q-attention"><tr><td></td>${head.join("")}</tr>${rows.join("")}</table></div>`;
}

const last = (data, state) => seen(data, state)?.last ?? 0;
const tinted = (quantity, words) => `<b class="q-${quantity}">${escape(words)}</b>`;

/** Say what happens at this moment. */
function told(view, joint) {
  const { letters, said, now, clock, attends, numbers } = view;
  if (now < -1) return `The encoder has read "${escape(letters.slice(0, clock + 1).join(""))}".`;
  if (now < 0) {
    const rest = attends ? `; all of ${tinted("output", "output")} stays in reach` : " and no more";
    return `The last ${tinted("h", "h")} and ${tinted("c", "c")} are handed over: ${numbers} ` +
      `numbers${rest}.`;
  }
  const { name, symbol, chances } = said[now];
  const so = said.slice(0, now + 1).map((each) => each.name).filter((each) => each !== STOP);
  const looked = attends ? ` and ${tinted("attention", looks(view, said[now]))}` : "";
  const cut = now === LONGEST - 1 && name !== STOP ? ` It was cut after ${LONGEST} symbols.` : "";
  return `The decoder has said <b>${escape(so.join(joint))}</b>; ${escape(named(name))} had a ` +
    `probability of ${tinted("score", percent(chances[symbol]))}${looked}.${cut}`;
}

export const alignExplorer = {
  title: "From one sequence to another",
  help: "Type, or choose an example; then move through the moments.",
  fold: "The map of attention, and more",
  state: { text: "", model: "", clock: 999 },

  clean(data, state) {
    const text = tidy(state.text).trimEnd(); // a blank that was pasted is no part of a date
    const models = Object.keys(data.models);
    const model = models.includes(state.model) ? state.model : models[0];
    return { text, model, clock: bound(state.clock, 0, last(data, { text, model })) };
  },

  controls(data, state, uid) {
    const models = Object.keys(data.models).map((name) => [name, name]);
    const examples = [["", "choose"], ...data.examples.map((each) => [each, each])];
    const example = exampleOf(data, state, "example");
    return line("text", "source", { size: 20 }, state) +
      (data.examples.length ? list("example", "or", examples, { example }) : "") +
      (models.length > 1 ? choice(uid, "model", "decoder", models, state) : "");
  },

  walk: (data, state) =>
    playButton() + slider("clock", "moment", { min: 0, max: last(data, state) }, state),

  sync(form, data, state) {
    form.querySelector('[data-key="clock"]').max = last(data, state);
  },

  value: exampleOf,

  typed(data, state, key, control) {
    return key === "text" || key === "example" ? { text: control.value, clock: 999 } : null;
  },

  pick: (data, state, clock) => ({ clock: Number(clock) }),
  steps: (data, state) => last(data, state) && last(data, state) + 1,
  now: (data, state) => state.clock,
  at: (data, state, clock) => ({ clock }),

  says(data, state) {
    if (!state.text) return "Type a source.";
    const strange = unknown(data.letters, [...state.text].slice(0, MOST));
    return (strange.length
      ? `The network has no number for ${quoted(strange)}: it was in no source of the training.`
      : told(seen(data, state), data.joint)) + cutAt(state.text, MOST);
  },

  code(data, state) {
    const view = seen(data, state);
    return view?.attends ? map(view) : "<p>Without attention there is no map.</p>";
  },

  display(data, state) {
    const view = seen(data, state);
    return view &&
      layouts((width) =>
        `<div class="lab-scroll" data-panel>${withEntry(handed(view, width))}</div>`
      );
  },
};
