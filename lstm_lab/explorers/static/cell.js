// One LSTM cell at work: wires as wide as their numbers, gates as dials, a gate's sum unfolded.
//
// The curve above is the scrubber; weights and inputs are dragged where they act.

import { box, dial, layouts, picture, soft, tag, text, wire } from "./draw.js";
import {
  bound,
  choice,
  copied,
  cutAt,
  escape,
  line,
  once,
  percent,
  playButton,
  quoted,
  shown,
  slider,
  tidy,
  unknown,
} from "./kit.js";
import { affine, run, weightsOf } from "./recurrent.js";

const MOST = 40; // letters of a text
const GATES = ["i", "f", "g", "o"]; // as PyTorch stacks them
const WORDS = { f: "forget", i: "input", g: "cell", o: "output" };
const lettersOf = (text) => [...text].slice(0, MOST);
const within = (value, most) => Math.min(most, Math.max(-most, value));

/** Return the module's own weights by the keys that edits have, in the order of the export. */
function own(data) {
  const keyed = ([name, { columns, values }]) =>
    Array.from(values, (value, k) => [`${name},${Math.floor(k / columns)},${k % columns}`, value]);
  return data.own ??
    (data.own = Object.fromEntries(Object.entries(weightsOf(data.network)).flatMap(keyed)));
}

/** Return the weights with the reader's changes, in the same order. */
function changed(data, { edits, forget }) {
  const weights = { ...own(data), ...edits };
  const { hidden_size } = data.network;
  for (let row = hidden_size; row < 2 * hidden_size; row++) {
    const key = `bias_ih_l0,${row},0`;
    if (key in weights) weights[key] += forget;
  }
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

/** Return the weights, and each step's gates, states and answer; null of a strange text. */
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
    const records = run({ ...data.network, decoded }, [x]).trace[0][0][0];
    const { weight, bias } = data.head ? weightsOf(data.head) : {};
    const answer = ({ h }) => {
      const scores = affine(weight, h, bias);
      return data.classes[scores.indexOf(Math.max(...scores))];
    };
    return { x, weights, records, says: weight ? records.map(answer) : [] };
  });
}

/** Return the numbers of the chosen unit at the chosen step, as `cellPicture` takes them. */
function numbersOf(data, { records }, { step, unit, gate, text }) {
  const last = records[step - 1] ?? { c: [], h: records[0].h.map(() => 0) };
  const now = Object.entries(records[step]).map(([name, values]) => [name, values[unit]]);
  return {
    before: { c: last.c[unit] ?? 0, h: last.h },
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

const thin = (d, kind = "") => tag("path", { class: `lab-thin ${kind}`, d });
const name = (quantity, x, y, words = "", anchor = "") =>
  text(x, y, quantity, { kind: "lab-code", quantity, anchor }) + soft(x + 12, y, words);

/**
 * Return one unit's cell at one step; a wire is as wide as its number, on one scale.
 *
 * before: c of the unit and h, all units', of the step before; now: its i, f, g, o, c, h;
 * x: a letter, if any; limit: the number of the widest wire; gate: the chosen one.
 * In a group the gates are buttons.
 */
export function cellPicture(numbers, width, { group = false } = {}) {
  const { before, now, x = "", limit = 1, gate = "", unit = 0 } = numbers;
  const narrow = width < 500;
  const [f, i, g, o] = [0.282, 0.452, 0.61, 0.775].map((share) => share * width);
  const [left, right, radius] = narrow ? [54, width - 42, 20] : [86, width - 84, 25];
  const [rail, join, row, bus, bottom] = [42, 104, 168, 229, 252];
  const plus = (i + g) / 2;
  const [kept, added, tanh] = [now.f * before.c, now.i * now.g, Math.tanh(now.c)];
  const long = (words) => (narrow ? "" : words);

  const flow = (quantity, value, ...points) => {
    const thick = Math.max(1.2, 15 * Math.min(1, Math.abs(value) / limit));
    const arrow = points.at(-1)[0] === width ? thick / 2 + 4 : 0;
    return wire(quantity, points, { width: thick, arrow, kind: value < 0 ? "lab-minus" : "" });
  };
  const number = (x, y, words, anchor = "", tip = "") =>
    text(x, y, words, { anchor, kind: "lab-big", "data-tip": tip });
  const sign = (cx, cy, words) =>
    tag("circle", { class: "lab-sign", cx, cy, r: 12 }) + number(cx, cy + 5, words, "middle");
  const dials = Object.entries(WORDS).map(([each, words], k) => {
    const [cx, chosen] = [[f, i, g, o][k], each === gate];
    const button = ` role="button" data-pick="${each}" data-row="0" data-column="${k}" ` +
      `tabindex="${chosen ? 0 : -1}" aria-pressed="${chosen}" ` +
      `aria-label="${words} gate ${shown(now[each])}"`;
    const disc = tag("circle", { class: "lab-paper", cx, cy: row, r: radius + 7 });
    const ring = dial(each, cx, row, now[each], { radius });
    return thin(`M${cx} ${bus}V${row + radius + 24}`) +
      name(each, cx - (narrow ? 4 : 26), row + radius + 20, long(words)) +
      `<g class="lab-gate${chosen ? " lab-now" : ""}"${group ? button : ""}>${disc}${ring}</g>`;
  });
  const top = bus + 4 - 15 * (before.h.length - 1);
  const parts = [
    box(left, 14, right - left, bottom - 26, "lab-cell", { rx: 16 }),
    thin(`M${left - 4} ${bus}H${o}M${left + 22} ${bottom}V${bus}`),
    text(left + 32, bottom, x && `x = ${x}`, { kind: "lab-code" }),
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
    number(o + 29, rail + 36, long(shown(tanh)), "", "tanh(c)"),
    name("c", 0, rail - 14, "before"),
    number(0, rail + 25, shown(before.c), "", `c of unit ${unit} before this step`),
    number((f + plus) / 2, rail - 12, long("f \u00b7 c before = ") + shown(kept), "middle", "kept"),
    number(plus + 14, rail + 36, long("i \u00b7 g = ") + shown(added), "", "added: i \u00b7 g"),
    name("c", width, rail - 16, "", "end"),
    number(width, rail + 26, shown(now.c), "end", `c of unit ${unit} after this step`),
    name("h", width, join - 13, "", "end"),
    number(width, join + 25, shown(now.h), "end", `h of unit ${unit}, which output holds`),
    name("h", 0, top - 18, "before"),
    ...before.h.map((value, k) => text(0, top + 15 * k, shown(value), { kind: "lab-num" })),
    ...dials,
  ];
  const title = `The cell of unit ${unit}${group ? ": its gates; arrow keys move" : ""}`;
  const describe = `c was ${shown(before.c)}, is ${shown(now.c)}; h is ${shown(now.h)}.`;
  return picture(width, bottom + 4, parts, { title, describe, group });
}

/** Return c and h of a unit over the steps, a column for each, its letter below. */
function curve(data, { records, says }, state, width) {
  const { step, unit } = state;
  const [left, all] = [0.07 * width, 0.92 * width]; // as the style sheet lays the slider
  const column = all / records.length;
  const said = says.length && column > 8 * Math.max(...data.classes.map((word) => word.length));
  const [top, bottom, height] = [24, 82, said ? 120 : 106];
  const [cs, hs] = ["c", "h"].map((each) => records.map((record) => record[each][unit]));
  const [low, high] = [Math.min(-1, ...cs), Math.max(1, ...cs)];
  const x = (t) => Math.round(left + (t + 0.5) * column);
  const y = (value) => Math.round(bottom - (value - low) / (high - low) * (bottom - top));
  const points = (values) => values.map((value, t) => [x(t), y(value)]);
  const dot = (quantity, value, r) =>
    tag("circle", { class: `lab-bar q-${quantity}`, cx: x(step), cy: y(value), r });
  const labels = records.map((_, t) => {
    const kind = t === step ? "lab-code" : "lab-code lab-soft";
    // Numbers of two digits need room.
    const label = data.alphabet ? [...state.text][t] : column > 18 || t % 5 === 0 ? t : "";
    return text(x(t), 99, label, { anchor: "middle", kind }) +
      soft(x(t), 114, said ? says[t] : "", "middle");
  });
  // Where 1 would meet 0, the largest stands for the scale.
  const ticks = y(0) - y(1) < 12 ? [0, Math.floor(high)] : [-1, 0, 1];
  return picture(width, height, [
    name("c", left, 12, "cell state"),
    name("h", left + 90, 12, "hidden state, dashed"),
    box(left + step * column, 17, column, height - 18, "lab-cell lab-now"),
    ...[-1, 0, 1].map((value) => thin(`M${left} ${y(value)}h${all}`, "lab-dotted")),
    ...ticks.map((value) => soft(left - 6, y(value) + 4, shown(value, 0), "end")),
    tag("polygon", {
      class: "lab-area q-c",
      points: [[x(0), y(0)], ...points(cs), [x(cs.length - 1), y(0)]].join(" "),
    }),
    wire("c", points(cs), { width: 3 }),
    wire("h", points(hs), { kind: "lab-dashed" }),
    dot("c", cs[step], 6),
    dot("h", hs[step], 4.5),
    ...labels,
    soft(left - 6, 114, said ? "says" : "", "end"),
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
  const share = (value) => Math.round(1000 * value / (high - low));
  const bar = (from, to, k, kind) => {
    const [x, width] = [share(Math.min(from, to) - low), share(Math.abs(to - from))];
    return tag("rect", { class: kind, x, y: 24 * k + 4, width, height: 16 });
  };
  const falls = ends.map(([from, to], k) =>
    bar(from, to, k, `lab-bar${to < from ? " lab-neg" : ""}`) +
    thin(`M${share(to - low)} ${24 * k + 20}v8`)
  );
  const lines = found.map(({ key, what, weight, value, gives }) => {
    const term = escape(what).replace(" before", "<i> before</i>");
    const words = `<span data-tip="${indexed(key)}">${term}</span>`;
    return slider(key, words, { min: -most, max: most, step: 0.05 }, { [key]: weight }) +
      `<span>\u00d7 ${shown(value)}</span><span class="lab-gives">${shown(gives)}</span>`;
  });
  const zero = thin(`M${share(-low)} 0v${24 * rows}`);
  const drawn = zero + falls.join("") + bar(0, total, rows - 1, "lab-total");
  const word = `terms of the ${WORDS[gate]} gate`;
  return `<div class="lab-sum q-${gate}" role="group" aria-label="${word}">` +
    `<p>What <b class="q-${gate}">${gate}</b> adds up: weight \u00d7 value</p>${lines.join("")}` +
    `<b>sum</b><b class="lab-gives">${shown(total)}</b>` +
    `<svg class="lab-svg" viewBox="0 0 1000 ${24 * rows}" preserveAspectRatio="none" ` +
    `aria-hidden="true" style="grid-row:2/span ${rows}">${drawn}</svg></div>` +
    squash(gate, total);
}

/** Return where a sum lies on sigma or tanh. */
function squash(gate, total) {
  const [left, width, top, floor] = [26, 220, 30, 112];
  const [word, of, low] = gate === "g"
    ? ["tanh", Math.tanh, -1]
    : ["\u03c3", (z) => 1 / (1 + Math.exp(-z)), 0];
  const x = (z) => Math.round(123 + within(z, 8) / 8 * 93);
  const y = (value) => floor - (value - low) / (1 - low) * (floor - top);
  const [cx, cy] = [x(total), y(of(total))];
  const title = `${word}(${shown(total)}) = ${shown(of(total))}`;
  const points = Array.from({ length: 65 }, (_, k) => [x(k / 4 - 8), y(of(k / 4 - 8))]);
  return picture(width, floor + 20, [
    ...[low, 1].map((value) =>
      thin(`M${left} ${y(value)}H${width}`, "lab-dotted") +
      soft(left - 6, y(value) + 4, shown(value, 0), "end")
    ),
    wire(gate, points),
    wire(gate, [[cx, floor], [cx, cy]], { kind: "lab-dashed" }),
    tag("circle", { class: `lab-bar q-${gate}`, cx, cy, r: 6 }),
    text(cx, floor + 16, shown(total), { anchor: "middle" }),
    text(left, 14, title, { quantity: gate, kind: "lab-big" }),
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
      .filter(([key, value]) => Object.hasOwn(own(data), key) && Number.isFinite(value))
      .map(([key, value]) => [key, within(value, reach.weights)]);
    const x = (data.x ?? []).map((row, t) =>
      row.map((given, k) => {
        const value = state.x[t]?.[k];
        return Number.isFinite(value) ? within(value, reach.x) : given;
      })
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
      forget: "bias_ih_l0,0,0" in own(data) ? within(Number(state.forget) || 0, reach.forget) : 0,
    };
  },

  /** Return the value of a control that is part of a larger value. */
  value: (data, state, key) =>
    key.startsWith("x:") ? state.x[state.step][key.slice(2)] : changed(data, state)[key],

  controls: ({ alphabet }, state) =>
    alphabet
      ? line("text", `text of ${escape([...alphabet].join(", "))}`, { size: 24 }, state)
      : "",

  walk(data, state, uid) {
    const units = Array.from({ length: data.network.hidden_size }, (_, unit) => [unit, unit]);
    const most = data.reach.forget;
    return playButton() + (units.length > 1 ? choice(uid, "unit", "unit", units, state) : "") +
      slider("forget", "added to the forget bias", { min: -most, max: most, step: 0.5 }, state);
  },

  sync(form, data) {
    form.querySelector('[data-key="forget"]').disabled = !("bias_ih_l0,0,0" in own(data));
  },

  typed(data, state, key, { value }) {
    if (key === "text") return { text: value, step: MOST };
    if (key in own(data)) {
      // What the forget slider adds to a bias stays its own.
      const more = changed(data, { ...state, edits: { [key]: 0 } })[key];
      return { edits: { ...state.edits, [key]: Number((value - more).toFixed(2)) } };
    }
    if (!key.startsWith("x:")) return null;
    const x = state.x.map((values) => [...values]);
    x[state.step][key.slice(2)] = Number(value);
    return { x };
  },

  pick: (data, state, gate) => ({ gate }),
  steps: (data, state) => sequenceOf(data, state)?.length ?? 0,
  now: (data, state) => state.step,
  at: (data, state, step) => ({ step }),

  says(data, state) {
    const view = seen(data, state);
    const cut = cutAt(state.text, MOST);
    const letters = lettersOf(state.text);
    if (!view) {
      const strange = unknown(data.alphabet, letters.join(""));
      const has = strange.length ? `has ${quoted(strange)}` : "is empty";
      const wanted = escape([...data.alphabet].join(", "));
      return `The text ${has}; expected letters of ${wanted}, at least one.${cut}`;
    }
    const { before, now } = numbersOf(data, view, state);
    const read = letters.slice(0, state.step + 1);
    const words = read.length > 16 ? `${read.length} letters` : escape(read.join(""));
    const gate = `the <b class="q-f">forget gate</b> keeps ${percent(now.f)} of ${shown(before.c)}`;
    const kept = state.step ? gate : "there was nothing to keep";
    const said = data.head ? `; the layer says \u201c${escape(view.says[state.step])}\u201d` : "";
    return `After <b>${data.alphabet ? words : `step ${state.step}`}</b>: ${kept}, and ` +
      `${shown(now.i * now.g)} is added: <b class="q-c">c = ${shown(now.c)}</b>. ` +
      `Outside one sees <b class="q-h">h = ${shown(now.h)}</b>${said}.${cut}`;
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
    const list = `<ul aria-label="The same changes in Python">${lines.map(copied).join("")}</ul>`;
    return lines.length ? list : "";
  },

  display(data, state) {
    const view = seen(data, state);
    if (!view) return "";
    const numbers = numbersOf(data, view, state);
    const drawn = (width) => cellPicture(numbers, width, { group: true });
    const most = { min: -data.reach.x, max: data.reach.x, step: 0.1 };
    const inputs = (state.x[state.step] ?? []).map((value, k) =>
      slider(`x:${k}`, `x[${k}]`, most, { [`x:${k}`]: value })
    );
    const count = view.records.length;
    const scrub = slider("step", "step", { min: 0, max: count - 1 }, state);
    const curves = layouts((width) => curve(data, view, state, width));
    const cells = layouts((width) => `<div data-panel>${drawn(width)}</div>`);
    return `<div class="lab-scrub" style="--n:${count}">${curves}${scrub}</div>${cells}` +
      (inputs.length ? `<div class="lab-inputs">${inputs.join("")}</div>` : "") +
      `<div class="lab-unfolds">${sum(data, view, state)}</div>`;
  },
};
