// An encoder hands over to a decoder: letters above, symbols below, attention as ribbons between.

import {
  box,
  button,
  comb,
  FLOW,
  frame,
  layouts,
  letter,
  mono,
  picture,
  range,
  ribbon,
  soft,
  tag,
  text,
  visible,
  wire,
} from "./draw.js";
import {
  bound,
  choice,
  cutAt,
  escape,
  exampleOf,
  lettersOf,
  line,
  list,
  once,
  percent,
  playButton,
  slider,
  tidy,
  unknown,
} from "./kit.js";
import { affine, embedded, run, softmax, weightsOf } from "./recurrent.js";

const LONGEST = 30; // symbols of a target
const STOP = "$"; // how lstm_lab.data shows the stop symbol

const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);

/** Return the final states as a decoder wants them: {h[layer][0], c[layer][0]}. */
function initial({ num_layers, bidirectional }, linear, { h_n, c_n }) {
  if (!bidirectional) return { h: h_n, c: c_n };
  const bridged = (rows, k, squash) =>
    range(num_layers).map((layer) => {
      const both = [...rows[2 * layer][0], ...rows[2 * layer + 1][0]];
      return [linear(`encoder.bridges.${k}`, both).map(squash)];
    });
  return { h: bridged(h_n, 0, Math.tanh), c: bridged(c_n, 1, (value) => value) };
}

/** Return how likely each symbol is next, and where the decoder looked. */
function decide(linear, h, output, keys) {
  if (!keys) return { chances: softmax(linear("decoder.head", h)) };
  const attention = softmax(keys.map((each) => dot(each, h)));
  const context = output[0].map((_, k) => dot(attention, output.map((state) => state[k])));
  const read = linear("decoder.join", [...h, ...context]).map(Math.tanh);
  return { chances: softmax(linear("decoder.head", read)), attention };
}

/** Return all that happens: the encoder's output, what is handed over, and each symbol said. */
export function translate(data, name, text) {
  const model = data.models[name];
  const weights = model.decoded ??= weightsOf(model);
  const linear = (layer, x) => affine(weights[`${layer}.weight`], x, weights[`${layer}.bias`]);
  const rows = [...text].map((letter) =>
    embedded(weights["encoder.embedding.weight"], [...data.letters].indexOf(letter) + 1)
  );
  const encoder = { ...model.encoder, decoded: weights, prefix: "encoder.layer." };
  const decoder = { ...model.decoder, decoded: weights, prefix: "decoder.layer." };
  const read = run(encoder, [rows]);
  const given = initial(encoder, linear, read);
  const output = read.output[0];
  const keys = "decoder.key.weight" in weights && output.map((each) => linear("decoder.key", each));
  let [state, fed] = [given, data.start];
  const said = [];
  while (said.length < LONGEST) {
    const x = [[embedded(weights["decoder.embedding.weight"], fed)]];
    const stepped = run(decoder, x, { hx: state });
    const { chances, attention } = decide(linear, stepped.output[0][0], output, keys);
    // 0 is padding and the start symbol begins: neither is ever said.
    const sayable = chances.map((chance, k) => k && k !== data.start ? chance : 0);
    const best = sayable.indexOf(Math.max(...sayable));
    state = { h: stepped.h_n, c: stepped.c_n };
    said.push({ symbol: best, chances, attention });
    if (best === data.stop) break;
    fed = best;
  }
  return { output, given, said };
}

/** Return what is shown of a source, or null where there is none that the network knows. */
export function seen(data, { text, model, clock }) {
  const letters = lettersOf(text);
  if (!text || unknown(data.letters, letters)) return null;
  const make = () => translate(data, model, letters.join(""));
  const { output, given, said } = once(data, [model, letters], make);
  const called = ({ symbol }) => symbol === data.stop ? STOP : [...data.symbols][symbol - 1];
  const [h, c] = [given.h.flat(2), given.c.flat(2)];
  return {
    letters,
    output,
    given: { h, c },
    numbers: h.length + c.length,
    said: said.map((each) => ({ ...each, name: called(each) })),
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
  const [left, right, high] = [22, 20, 45];
  const longest = Math.max(...said.map(({ name }) => [...name].length));
  const columns = Math.max(letters.length, said.length);
  const pitch = Math.max(24, 9 * longest + 6, Math.min(56, (width - left - right) / columns));
  const size = Math.min(34, pitch - 4);
  const end = Math.max(left + pitch * columns, width - right);
  const top = attends ? 38 : 22;
  const strips = top + size + 9;
  const under = strips + high + 5;
  const below = under + (attends ? 130 : 100);
  // Where nothing else leads down, the state passes between the rows.
  const given = attends ? below + size + 42 : under + 22;
  const height = attends ? given + 52 : below + size + 36;
  const x = (k) => left + (k + 0.5) * pitch;
  const rows = { top, strips, high, under, below, given, height };
  return { ...rows, x, left, pitch, size, end, width: end + right };
}

/** Return h or c: along the letters, through the hand-over, along the symbols. */
function wires(view, at, quantity) {
  const [share, out, row] = quantity === "c" ? [0.3, 14, 34] : [0.7, 6, 14];
  const last = view.letters.length - 1;
  const along = (k, y) =>
    wire(quantity, [[at.x(0), y], [at.x(k), y]], { width: FLOW[quantity].width });
  const [above, below] = [at.top, at.below].map((y) => y + share * at.size);
  const [right, middle] = [at.end + out, at.given + row];
  const left = at.left - 2 - (view.attends ? out : 20 - out);
  const round = [[at.x(last), above], [right, above], [right, middle], [left, middle]];
  const kind = view.now < -1 ? "lab-later" : "lab-poured";
  return along(Math.min(view.clock, last), above) +
    wire(quantity, [...round, [left, below], [at.left + 3, below]], { ...FLOW[quantity], kind }) +
    along(Math.max(0, view.now), below);
}

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
  const words = share > (at.pitch < 40 ? 0.5 : 0.1) ? brief(share) : "";
  const level = [x - at.size / 2, at.top + (1 - share) * at.size, at.size, share * at.size];
  const scale = `scale(${at.pitch / 2 - 3} ${at.high / values.length})`;
  const inside = placed(at, t, at.top, at.under - at.top, name, "attention", words, -6) +
    box(...level, "lab-bar lab-neg q-attention") +
    comb("h", t > view.clock ? [] : values, `translate(${x} ${at.strips}) ${scale}`);
  return button(t, view.clock, told, inside);
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
  return button(view.letters.length + 1 + k, view.clock, seen, inside);
}

/** Return what is handed over. */
function handover(view, at) {
  const [x, y] = [at.left + 6, at.given];
  const row = (quantity, middle) => {
    const values = view.given[quantity];
    const high = 9 / Math.max(1, ...values.map(Math.abs));
    const turned = `rotate(-90) scale(${high} ${146 / values.length})`;
    return mono(x + 7, middle + 4.5, `${quantity}_n`, quantity, "") +
      comb(quantity, view.now < -1 ? [] : values, `translate(${x + 42} ${middle}) ${turned}`);
  };
  const inside = box(x, y, 196, 48) + row("h", y + 14) + row("c", y + 34);
  const told = `h_n and c_n, handed over: ${view.numbers} numbers`;
  return button(view.letters.length, view.clock, told, inside) +
    soft(x + 206, y + 4, `${view.numbers} numbers`) +
    soft(x + 206, y + 54, view.attends ? "" : "the only way through");
}

/** Return the ribbons from one symbol to the letters that it looks at, once it is said. */
function ribbons(view, at, k) {
  const said = view.said[k];
  const shares = k > view.now ? [] : said.attention ?? [];
  const all = shares.map((share, t) => {
    const tip = { "data-tip": `${named(said.name)} ${looks(view, said, t)}` };
    const ends = [[at.x(t), at.under], [at.x(k), at.below - 3]];
    return share < 0.03 ? "" : ribbon("attention", ...ends, 12 * share, tip);
  });
  return tag("g", { class: `lab-look${k === view.now ? " lab-now" : ""}` }, all.join(""));
}

/** Return encoder, hand-over and decoder as a picture. */
export function handed(view, width) {
  const at = layoutOf(view, width);
  const aside = (quantity, y) =>
    text(10, y, quantity, { anchor: "middle", quantity, transform: `rotate(-90 10 ${y})` });
  const wide = view.letters.length * at.pitch;
  const strips = { x: at.left - 1, y: at.strips - 4, width: wide + 2, height: at.high + 8 };
  const parts = [
    soft(at.left, 13, "the encoder reads"),
    aside("output", at.strips + at.high / 2),
    frame("output", strips, { kind: `lab-shown${view.attends ? "" : " lab-dim"}` }),
    view.attends
      ? aside("attention", (at.under + at.below) / 2)
      : soft(at.left, at.under + 14, "not used"),
    wires(view, at, "c"),
    wires(view, at, "h"),
    ...view.said.map((_, k) => ribbons(view, at, k)),
    ...view.letters.map((_, t) => letterOf(view, at, t)),
    handover(view, at),
    ...view.said.map((_, k) => symbolOf(view, at, k)),
    soft(at.left, at.below + at.size + 30, "the decoder says"),
  ];
  const title = "Encoder and decoder; arrow keys move";
  return picture(at.width, at.height, parts, { title, group: true });
}

/** Return the attention so far as a table. */
function map(view) {
  const head = view.letters.map((each) => `<th scope="col">${escape(visible(each))}</th>`);
  const rows = view.said.slice(0, view.now + 1).map(({ name, attention }) => {
    const cells = attention.map((share) => (
      `<td style="--share:${Math.round(70 * share)}%">${Math.round(100 * share)}</td>`
    ));
    return `<tr><th scope="row">${escape(name)}</th>${cells.join("")}</tr>`;
  });
  const label = "attention of each symbol on each letter, per cent";
  return `<div class="lab-scroll" tabindex="0" role="group" aria-label="${label}">` +
    `<table class="lab-map q-attention"><tr><td></td>${head.join("")}</tr>` +
    `${rows.join("")}</table></div>`;
}

const last = (data, state) => seen(data, state)?.last ?? 0;
const tinted = (quantity, words) => `<b class="q-${quantity}">${escape(words)}</b>`;

/** Say what happens at this moment. */
function told(view, joint) {
  const { letters, said, now, clock, attends, numbers } = view;
  if (now < -1) return `The encoder has read "${escape(letters.slice(0, clock + 1).join(""))}".`;
  if (now < 0) {
    const rest = attends ? `; all of ${tinted("output", "output")} stays in reach` : " and no more";
    return 'The last <b class="q-h">h</b> and <b class="q-c">c</b> are handed over: ' +
      `${numbers} numbers${rest}.`;
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
    const models = Object.keys(data.models);
    const examples = [["", "choose"], ...data.examples];
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

  typed: (data, state, key, { value }) =>
    ["text", "example"].includes(key) ? { text: value, clock: 999 } : null,

  pick: (data, state, clock) => ({ clock: Number(clock) }),
  steps: (data, state) => last(data, state) && last(data, state) + 1,
  now: (data, state) => state.clock,
  at: (data, state, clock) => ({ clock }),

  says(data, state) {
    if (!state.text) return "Type a source.";
    const strange = unknown(data.letters, lettersOf(state.text));
    return (strange
      ? `The network has no number for ${strange}: it was in no source of the training.`
      : told(seen(data, state), data.joint)) + cutAt(state.text);
  },

  code(data, state) {
    const view = seen(data, state);
    return view?.attends ? map(view) : "<p>Without attention there is no map.</p>";
  },

  display(data, state) {
    const view = seen(data, state);
    return view &&
      layouts((width) => `<div class="lab-scroll" data-panel>${handed(view, width)}</div>`);
  },
};
