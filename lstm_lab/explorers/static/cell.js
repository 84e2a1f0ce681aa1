// One LSTM cell at work: wires as wide as their numbers, gates as dials, a gate's sum unfolded.
//
// The curve above is the scrubber; weights and inputs are dragged where they act.

import {
  box,
  button,
  dial,
  layouts,
  mono,
  picture,
  range,
  soft,
  tag,
  text,
  thin,
  through,
  wire,
} from "./draw.js";
import {
  bound,
  choice,
  copied,
  cutAt,
  escape,
  lettersOf,
  line,
  MOST,
  once,
  percent,
  playButton,
  shown,
  slider,
  tidy,
  unknown,
} from "./kit.js";
import { affine, run, weightsOf } from "./recurrent.js";

const GATES = ["i", "f", "g", "o"]; // as PyTorch stacks them
const WORDS = { f: "forget", i: "input", g: "cell", o: "output" };
const spelled = (alphabet) => escape([...alphabet].join(", "));
const within = (value, most) => Math.min(most, Math.max(-most, Number(value) || 0));

/** Return the module's own weights by the keys that edits have, in the order of the export. */
function own(data) {
  const keyed = ([name, { columns, values }]) =>
    Array.from(values, (value, k) => [`${name},${Math.floor(k / columns)},${k % columns}`, value]);
  return data.own ??= Object.fromEntries(Object.entries(weightsOf(data.network)).flatMap(keyed));
}

const biased = (data) => "bias_ih_l0,0,0" in own(data);

/** Return the weights with the reader's changes, in the same order. */
function changed(data, { edits, forget }) {
  const weights = { ...own(data), ...edits };
  const size = data.network.hidden_size;
  for (let row = size; forget && row < 2 * size; row++) weights[`bias_ih_l0,${row},0`] += forget;
  return weights;
}

/** Return the steps that are read, or null where a letter is none of the alphabet. */
function sequenceOf(data, state) {
  if (!data.alphabet) return state.x;
  const letters = [...data.alphabet];
  const places = lettersOf(state.text).map((letter) => letters.indexOf(letter));
  if (!places.length || places.includes(-1)) return null;
  return places.map((place) => letters.map((_, k) => Number(k === place)));
}

/** Return the steps, the weights, and each step's gates and states; null of a strange text. */
export function seen(data, state) {
  return once(data, [state.x, state.text, state.edits, state.forget], () => {
    const x = sequenceOf(data, state);
    if (!x) return null;
    const weights = changed(data, state);
    const values = Object.values(weights);
    const decoded = {};
    for (const [name, rows, columns] of data.network.shapes) {
      decoded[name] = { rows, columns, values: values.splice(0, rows * columns) };
    }
    return { x, weights, records: run({ ...data.network, decoded }, [x]).trace[0][0][0] };
  });
}

/** Return the class that the head chooses after a step. */
function answerOf({ head, classes }, { h }) {
  const { weight, bias } = weightsOf(head);
  const scores = affine(weight, h, bias);
  return classes[scores.indexOf(Math.max(...scores))];
}

/** Return the numbers of the chosen unit at the chosen step, as `cellPicture` takes them. */
function numbersOf(data, { records }, { step, unit, gate, text }) {
  const zeros = records[0].h.map(() => 0);
  const last = records[step - 1] ?? { c: zeros, h: zeros };
  const now = Object.entries(records[step]).map(([name, values]) => [name, values[unit]]);
  return {
    before: { c: last.c[unit], h: last.h },
    now: Object.fromEntries(now),
    x: data.alphabet ? [...text][step] : "",
    limit: Math.max(1, ...records.map(({ c }) => Math.abs(c[unit]))),
    gate,
    unit,
  };
}

/** Return what the chosen gate adds up, a term each; letters that are not read add nothing. */
function terms(data, view, state) {
  const row = GATES.indexOf(state.gate) * data.network.hidden_size + state.unit;
  const term = (name, k, what, value) => {
    const key = `${name},${row},${k}`;
    return { key, what, value, weight: view.weights[key], gives: view.weights[key] * value };
  };
  const x = view.x[state.step];
  const letter = x.indexOf(1);
  const { h } = numbersOf(data, view, state).before;
  return [
    ...(data.alphabet
      ? [term("weight_ih_l0", letter, `reads ${[...data.alphabet][letter]}`, 1)]
      : x.map((value, k) => term("weight_ih_l0", k, `x[${k}]`, value))),
    ...h.map((value, k) => term("weight_hh_l0", k, `h[${k}] before`, value)),
    ...["bias_ih", "bias_hh"].map((bias) => term(`${bias}_l0`, 0, bias, 1)),
  ].filter(({ weight }) => weight !== undefined);
}

const name = (quantity, x, y, words) => mono(x, y, quantity, quantity, "") + soft(x + 12, y, words);

/**
 * Return one unit's cell at one step; a wire is as wide as its number, on one scale.
 *
 * before: c of the unit and h, all units', of the step before; now: its i, f, g, o, c, h;
 * x: a letter, or ""; limit: the number of the widest wire; gate: the chosen one. Without one it
 * is an image; else the gates are buttons.
 */
export function cellPicture({ before, now, x, limit, unit, gate }, width) {
  const narrow = width < 500;
  const [f, i, g, o] = [0.282, 0.452, 0.61, 0.775].map((share) => share * width);
  const [left, right, radius] = narrow ? [54, width - 42, 20] : [86, width - 84, 25];
  const [rail, join, row, bus, bottom] = [42, 104, 168, 229, 252];
  const plus = (i + g) / 2;
  const top = bus + 4 - 15 * (before.h.length - 1);
  const [kept, added, tanh] = [now.f * before.c, now.i * now.g, Math.tanh(now.c)];
  const long = (words) => (narrow ? "" : words);

  const flow = (quantity, value, ...points) => {
    const thick = Math.max(1.2, 15 * Math.min(1, Math.abs(value) / limit));
    const arrow = points.at(-1)[0] === width ? thick / 2 + 4 : 0;
    return wire(quantity, points, { width: thick, arrow, kind: value < 0 ? "lab-minus" : "" });
  };
  const number = (x, y, words, anchor = "") => text(x, y, words, { anchor, kind: "lab-big" });
  const sign = (cx, cy, words) =>
    tag("circle", { class: "lab-sign", cx, cy, r: 12 }) + number(cx, cy + 5, words, "middle");
  const dials = Object.entries(WORDS).map(([each, words], k) => {
    const cx = [f, i, g, o][k];
    const disc = tag("circle", { class: "lab-paper", cx, cy: row, r: radius + 7 }) +
      dial(each, cx, row, now[each], { radius });
    const told = `${words} gate ${shown(now[each])}`;
    return thin([[cx, bus], [cx, row + radius + 24]]) +
      name(each, cx - (narrow ? 4 : 26), row + radius + 20, long(words)) +
      (gate ? button(each, gate, told, disc, { "data-column": k }) : disc);
  });
  const parts = [
    box(left, 14, right - left, bottom - 26, "lab-cell", { rx: 16 }),
    thin(`M${left - 4} ${bus}H${o}M${left + 22} ${bottom}V${bus}`),
    mono(left + 32, bottom, x && `x = ${x}`, "", ""),
    flow("f", now.f, [f, row], [f, rail]),
    flow("i", now.i, [i, row], [i, join], [plus, join]),
    flow("g", now.g, [g, row], [g, join], [plus, join]),
    flow("o", now.o, [o, row], [o, join]),
    flow("g", added, [plus, join], [plus, rail]),
    flow("c", before.c, [0, rail], [f, rail]),
    flow("c", kept, [f, rail], [plus, rail]),
    flow("c", now.c, [o, rail], [o, rail + 31]),
    flow("c", tanh, [o, rail + 31], [o, join]),
    flow("c", now.c, [plus, rail], [width, rail]),
    flow("h", now.h, [o, join], [width, join]),
    sign(f, rail, "\u00d7"),
    sign(plus, rail, "+"),
    sign(plus, join, "\u00d7"),
    sign(o, join, "\u00d7"),
    box(o - 23, rail + 20, 46, 22, "lab-sign", { rx: 11 }),
    soft(o, rail + 35.5, "tanh", "middle"),
    number(o + 29, rail + 36, long(shown(tanh))),
    name("c", 0, rail - 14, "before"),
    number(0, rail + 25, shown(before.c)),
    number((f + plus) / 2, rail - 12, long("f \u00b7 c before = ") + shown(kept), "middle"),
    number(plus + 14, rail + 36, long("i \u00b7 g = ") + shown(added)),
    mono(width, rail - 16, "c", "c", "end"),
    number(width, rail + 26, shown(now.c), "end"),
    mono(width, join - 13, "h", "h", "end"),
    number(width, join + 25, shown(now.h), "end"),
    name("h", 0, top - 18, "before"),
    ...before.h.map((value, k) => text(0, top + 15 * k, shown(value), { kind: "lab-num" })),
    ...dials,
  ];
  const title = `The cell of unit ${unit}${gate ? ": its gates; arrow keys move" : ""}`;
  const describe = `c was ${shown(before.c)}, is ${shown(now.c)}; h is ${shown(now.h)}.`;
  return picture(width, bottom + 4, parts, { title, describe, group: Boolean(gate) });
}

/** Return dotted lines at some values, each with its number on the left. */
const scale = (values, y, left, right) =>
  values.map((value) =>
    thin([[left, y(value)], [right, y(value)]], "lab-cutline") +
    soft(left - 6, y(value) + 4, shown(value, 0), "end")
  );
const dot = (quantity, [cx, cy], r = 6) =>
  tag("circle", { class: `lab-bar q-${quantity}`, cx, cy, r });

/** Return c and h of a unit over the steps, a column for each, its letter below. */
function curve(data, { records }, { step, unit, text: letters }, width) {
  const [left, all] = [0.07 * width, 0.92 * width]; // as the style sheet lays the slider
  const column = all / records.length;
  const [cs, hs] = ["c", "h"].map((each) => records.map((record) => record[each][unit]));
  const [low, high] = [Math.min(-1, ...cs), Math.max(1, ...cs)];
  const x = (t) => left + (t + 0.5) * column;
  const y = (value) => 82 - 58 * (value - low) / (high - low);
  const points = (values) => values.map((value, t) => [x(t), y(value)]);
  const area = [[x(0), y(0)], ...points(cs), [x(cs.length - 1), y(0)]];
  // Numbers of two digits need room.
  const labels = records.map((_, t) => {
    const label = data.alphabet ? [...letters][t] : column > 18 || t % 5 === 0 ? t : "";
    const kind = t === step ? "lab-code" : "lab-code lab-soft";
    return text(x(t), 99, label, { anchor: "middle", kind });
  });
  return picture(width, 106, [
    name("c", left, 12, "cell state"),
    name("h", left + 90, 12, "hidden state, dashed"),
    box(left + step * column, 17, column, 88, "lab-part lab-now"),
    ...scale([Math.ceil(low), Math.floor(high)], y, left, left + all),
    tag("path", { class: "lab-tint q-c", d: through(area) }),
    wire("c", points(cs), { width: 3 }),
    wire("h", points(hs), { kind: "lab-dashed" }),
    dot("c", points(cs)[step]),
    dot("h", points(hs)[step], 4.5),
    ...labels,
  ], { title: `c and h of unit ${unit} after each step` });
}

/** Return how Python names a weight. */
function indexed(key, data = "") {
  const [name, row, column] = key.split(",");
  return `${name}${data}[${name.startsWith("bias") ? row : `${row}, ${column}`}]`;
}

/** Return the terms of the chosen gate, a line each, and a waterfall beside them. */
function sum(data, view, state) {
  const found = terms(data, view, state);
  const [gate, rows, most] = [state.gate, found.length + 1, data.reach.weights];
  let total = 0;
  const ends = found.map(({ gives }) => [total, total += gives]);
  const [low, high] = [Math.min(0, ...ends.flat()), Math.max(0.01, ...ends.flat())];
  const x = (value) => 1000 * (value - low) / (high - low);
  const bar = (from, to, k, kind) => {
    const [left, right] = [from, to].map(x).sort((a, b) => a - b);
    return tag("rect", { class: kind, x: left, y: 24 * k + 4, width: right - left, height: 16 });
  };
  const falls = ends.map(([from, to], k) =>
    bar(from, to, k, to < from ? "lab-bar lab-neg" : "lab-bar") +
    thin([[x(to), 24 * k + 20], [x(to), 24 * k + 28]])
  );
  const lines = found.map(({ key, what, weight, value, gives }) => {
    const words = `<span data-tip="${indexed(key)}">${escape(what)}</span>`;
    return slider(key, words, { min: -most, max: most, step: 0.05 }, { [key]: weight }) +
      `<span>\u00d7 ${shown(value)}</span><span class="lab-gives">${shown(gives)}</span>`;
  });
  const drawn = thin([[x(0), 0], [x(0), 24 * rows]]) + falls.join("") +
    bar(0, total, rows - 1, "lab-total");
  return `<div class="lab-sum q-${gate}" role="group" ` +
    `aria-label="terms of the ${WORDS[gate]} gate">` +
    `<p>What <b class="q-${gate}">${gate}</b> adds up: weight \u00d7 value</p>${lines.join("")}` +
    `<b>sum</b><b class="lab-gives">${shown(total)}</b>` +
    `<svg class="lab-svg" viewBox="0 0 1000 ${24 * rows}" preserveAspectRatio="none" ` +
    `aria-hidden="true" style="grid-row:2/span ${rows}">${drawn}</svg></div>` +
    squash(gate, total);
}

/** Return where a sum lies on sigma or tanh. */
function squash(gate, total) {
  const [word, of, low] = gate === "g"
    ? ["tanh", Math.tanh, -1]
    : ["\u03c3", (z) => 1 / (1 + Math.exp(-z)), 0];
  const x = (z) => 123 + 12 * within(z, 8);
  const y = (value) => 112 - 82 * (value - low) / (1 - low);
  const point = (z) => [x(z), y(of(z))];
  const title = `${word}(${shown(total)}) = ${shown(of(total))}`;
  return picture(220, 132, [
    ...scale([low, 1], y, 26, 220),
    wire(gate, range(65).map((k) => point(k / 4 - 8))),
    wire(gate, [[x(total), 112], point(total)], { kind: "lab-dashed" }),
    dot(gate, point(total)),
    text(x(total), 128, shown(total), { anchor: "middle" }),
    text(26, 14, title, { quantity: gate, kind: "lab-big" }),
  ], { title });
}

export const cellExplorer = {
  title: "Inside the cell",
  help: "Draw along the curve to choose a step; choose a gate to see its sum; drag any weight.",
  fold: "Your changes in Python",
  pace: 1000,
  state: { step: 0, unit: 0, text: "", x: [], gate: "f", edits: {}, forget: 0 },

  clean(data, state) {
    const { reach } = data;
    const edits = Object.entries(state.edits)
      .filter(([key]) => Object.hasOwn(own(data), key))
      .map(([key, value]) => [key, within(value, reach.weights)]);
    const x = (data.x ?? []).map((row, t) =>
      row.map((given, k) => within(state.x[t]?.[k] ?? given, reach.x))
    );
    // Where the alphabet has no space, none is meant.
    const text = tidy(state.text).replaceAll(data.alphabet?.includes(" ") ? "" : " ", "");
    const count = data.alphabet ? lettersOf(text).length : x.length;
    return {
      step: bound(state.step, 0, Math.max(0, count - 1)),
      unit: bound(state.unit, 0, data.network.hidden_size - 1),
      text,
      x,
      gate: GATES.includes(state.gate) ? state.gate : "f",
      edits: Object.fromEntries(edits),
      forget: biased(data) ? within(state.forget, reach.forget) : 0,
    };
  },

  /** Return the value of a control that is part of a larger value. */
  value: (data, state, key) =>
    key.startsWith("x:") ? state.x[state.step][key.slice(2)] : changed(data, state)[key],

  controls: ({ alphabet }, state) =>
    alphabet ? line("text", `text of ${spelled(alphabet)}`, { size: 24 }, state) : "",

  walk(data, state, uid) {
    const units = range(data.network.hidden_size);
    const limits = { min: -data.reach.forget, max: data.reach.forget, step: 0.5 };
    return playButton() + (units.length > 1 ? choice(uid, "unit", "unit", units, state) : "") +
      (biased(data) ? slider("forget", "added to the forget bias", limits, state) : "");
  },

  typed(data, state, key, { value }) {
    if (key === "text") return { text: value, step: MOST };
    if (key in own(data)) {
      // What the forget slider adds to a bias stays its own.
      const more = changed(data, { ...state, edits: { [key]: 0 } })[key];
      return { edits: { ...state.edits, [key]: Number((value - more).toFixed(2)) } };
    }
    if (!key.startsWith("x:")) return null;
    const x = structuredClone(state.x);
    x[state.step][key.slice(2)] = Number(value);
    return { x };
  },

  pick: (data, state, gate) => ({ gate }),
  steps: (data, state) => seen(data, state)?.x.length ?? 0,
  now: (data, state) => state.step,
  at: (data, state, step) => ({ step }),

  says(data, state) {
    const view = seen(data, state);
    const letters = lettersOf(state.text);
    if (!view) {
      const strange = unknown(data.alphabet, letters);
      const wanted = `letters of ${spelled(data.alphabet)}, at least one`;
      const found = strange ? `has ${strange}` : "is empty";
      return `The text ${found}; expected ${wanted}.${cutAt(state.text)}`;
    }
    const { before, now } = numbersOf(data, view, state);
    const read = letters.slice(0, state.step + 1);
    const words = read.length > 16 ? `${read.length} letters` : escape(read.join(""));
    const kept = `${percent(now.f)} of ${shown(before.c)}`;
    const answer = data.head && escape(answerOf(data, view.records[state.step]));
    const said = answer ? `; the layer says \u201c${answer}\u201d` : "";
    return `After <b>${data.alphabet ? words : `step ${state.step}`}</b>: the <b class="q-f">` +
      `forget gate</b> keeps ${kept}, and ${shown(now.i * now.g)} is added: ` +
      `<b class="q-c">c = ${shown(now.c)}</b>. ` +
      `Outside one sees <b class="q-h">h = ${shown(now.h)}</b>${said}.${cutAt(state.text)}`;
  },

  code(data, { edits, forget, x }) {
    const size = data.network.hidden_size;
    const [module, input] = data.names;
    const lines = Object.entries(edits).map(([key, value]) =>
      `${module}.${indexed(key, ".data")} = ${value}`
    );
    if (forget) lines.push(`${module}.bias_ih_l0.data[${size}:${2 * size}] += ${forget}`);
    x.forEach((values, t) =>
      values.forEach((value, k) => {
        if (value !== data.x[t][k]) lines.push(`${input}[0, ${t}, ${k}] = ${value}`);
      })
    );
    if (!lines.length) return "";
    return `<ul aria-label="The same changes in Python">${lines.map(copied).join("")}</ul>`;
  },

  display(data, state) {
    const view = seen(data, state);
    if (!view) return "";
    const numbers = numbersOf(data, view, state);
    const count = view.records.length;
    const most = { min: -data.reach.x, max: data.reach.x, step: 0.1 };
    const inputs = (state.x[state.step] ?? []).map((value, k) =>
      slider(`x:${k}`, `x[${k}]`, most, { [`x:${k}`]: value })
    );
    return `<div class="lab-scrub" style="--n:${count}">` +
      layouts((width) => curve(data, view, state, width)) +
      slider("step", "step", { min: 0, max: count - 1 }, state) + "</div>" +
      layouts((width) => `<div data-panel>${cellPicture(numbers, width)}</div>`) +
      (inputs.length ? `<div class="lab-controls lab-inputs">${inputs.join("")}</div>` : "") +
      `<div class="lab-unfolds">${sum(data, view, state)}</div>`;
  },
};
