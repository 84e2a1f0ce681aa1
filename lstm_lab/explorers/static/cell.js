// One LSTM cell, step by step: every gate of every unit, and the arithmetic of each.
//
// The reader changes an input, a weight or the forget bias, or feeds a text; all is computed anew.

import {
  choice,
  copied,
  escape,
  line,
  list,
  once,
  paint,
  playButton,
  quoted,
  shown,
  slider,
  unknown,
} from "./kit.js";
import { affine, run, softmax, weightsOf } from "./recurrent.js";

const MOST = 40; // letters of a text
const GATES = ["i", "f", "g", "o"];
const WORDS = {
  i: "input gate",
  f: "forget gate",
  g: "cell gate",
  o: "output gate",
  c: "cell state",
  h: "hidden state",
};
/** Say a share in words that stay true at its ends. */
const share = (value) => {
  if (value > 0.995) return "more than 99 %";
  return value < 0.005 ? "less than 1 %" : `${shown(100 * value, 0)} %`;
};
const precise = (value) => shown(value, 3);
const bound = (value, low, high) => Math.min(high, Math.max(low, Math.round(Number(value)) || 0));

/** Return the steps that are read, or null where a letter is none of the alphabet. */
function sequenceOf(data, state) {
  if (!data.alphabet) return state.x;
  const letters = [...data.alphabet];
  const places = [...state.text].map((letter) => letters.indexOf(letter));
  if (!places.length || places.includes(-1)) return null;
  return places.map((place) => letters.map((_, k) => Number(k === place)));
}

/** Return the weights with the reader's changes. */
function weightsWith(data, state) {
  const own = data.decoded ?? (data.decoded = weightsOf(data.network));
  const weights = Object.fromEntries(
    Object.entries(own).map(([name, each]) => [name, { ...each, values: each.values.slice() }]),
  );
  for (const [key, value] of Object.entries(state.edits)) {
    const [name, row, column] = key.split(",");
    weights[name].values[Number(row) * weights[name].columns + Number(column)] = value;
  }
  const size = data.network.hidden_size;
  const bias = weights.bias_ih_l0;
  if (bias) { for (let unit = 0; unit < size; unit++) bias.values[size + unit] += state.forget; }
  return weights;
}

function seen(data, state) {
  return once(data, [state.x, state.text, state.edits, state.forget], () => {
    const x = sequenceOf(data, state);
    if (!x) return null;
    const weights = weightsWith(data, state);
    const { trace } = run({ ...data.network, decoded: weights }, [x]);
    return { x, weights, records: trace[0][0][0] };
  });
}

/** Return what one gate of one unit adds up: [what, weight, times] for each term. */
function terms(data, view, state, gate) {
  const size = data.network.hidden_size;
  const row = GATES.indexOf(gate) * size + state.unit;
  const before = state.step ? view.records[state.step - 1].h : new Array(size).fill(0);
  const at = (name, column) => view.weights[name].values[row * view.weights[name].columns + column];
  const of = (name, values, letter) =>
    values.map((value, k) => [`${letter}[${k}]`, `${name}[${row}, ${k}]`, at(name, k), value]);
  const found = [
    ...of("weight_ih_l0", view.x[state.step], "x"),
    ...of("weight_hh_l0", before, "h before"),
  ];
  for (const name of ["bias_ih_l0", "bias_hh_l0"]) {
    if (view.weights[name]) found.push(["1", `${name}[${row}]`, at(name, 0), 1]);
  }
  return found;
}

/** Return an equation that unfolds into its arithmetic. */
const unfolds = (uid, quantity, summary, body) => (
  `<details id="${uid}-eq-${quantity}"><summary><b class="lab-is-${quantity}">${quantity}</b>` +
  ` <small>${WORDS[quantity]}</small> ${summary}</summary>${body}</details>`
);

function gateEquation(data, view, state, gate, uid) {
  const rows = terms(data, view, state, gate);
  const sum = rows.reduce((total, [, , weight, value]) => total + weight * value, 0);
  const squash = gate === "g" ? "tanh" : "\u03c3";
  const result = view.records[state.step][gate][state.unit];
  const lines = rows.map(([what, name, weight, value]) => (
    `<tr><th scope="row"><code>${name}</code></th><td>${precise(weight)}</td><td>\u00d7 ${
      what === "1" ? "" : `${what} = `
    }${precise(value)}</td><td>${precise(weight * value)}</td></tr>`
  )).join("");
  const head = '<thead><tr><th scope="col">weight</th><th scope="col">value</th><th ' +
    'scope="col">times</th><th scope="col">gives</th></tr></thead>';
  const foot =
    `<tfoot><tr><th scope="row">sum</th><td></td><td></td><td>${precise(sum)}</td></tr>` +
    `<tr><th scope="row">${squash} of it</th><td></td><td></td><td>${
      precise(result)
    }</td></tr></tfoot>`;
  return unfolds(
    uid,
    gate,
    `= ${squash}(${precise(sum)}) = <b>${precise(result)}</b>`,
    `<div class="lab-scroll" tabindex="0" role="group" aria-label="the sum inside ` +
      `${gate}"><table class="lab-sum">${head}<tbody>${lines}</tbody>${foot}</table></div>`,
  );
}

function equations(data, view, state, uid) {
  const now = Object.fromEntries(
    Object.entries(view.records[state.step]).map(([name, values]) => [name, values[state.unit]]),
  );
  const before = state.step ? view.records[state.step - 1].c[state.unit] : 0;
  const c = unfolds(
    uid,
    "c",
    `= f \u00b7 c before + i \u00b7 g = <b>${precise(now.c)}</b>`,
    `<p>${precise(now.f)} \u00b7 ${precise(before)} + ${precise(now.i)} \u00b7 ${
      precise(now.g)
    } = ${precise(now.f * before)} + ${precise(now.i * now.g)} = ${precise(now.c)}</p>`,
  );
  const h = unfolds(
    uid,
    "h",
    `= o \u00b7 tanh(c) = <b>${precise(now.h)}</b>`,
    `<p>${precise(now.o)} \u00b7 tanh(${precise(now.c)}) = ${precise(now.o)} \u00b7 ${
      precise(Math.tanh(now.c))
    } = ${precise(now.h)}</p>`,
  );
  return `<div class="lab-equations">${
    GATES.map((gate) => gateEquation(data, view, state, gate, uid)).join("")
  }${c}${h}</div>`;
}

/** Return the likeliest class after each step, with its probability. */
function answers(data, view) {
  const { weight, bias } = data.headWeights ?? (data.headWeights = weightsOf(data.head));
  return view.records.map((record) => {
    const chances = softmax(affine(weight, record.h, bias));
    const best = chances.indexOf(Math.max(...chances));
    return [data.classes[best], chances[best]];
  });
}

/** Return the table of one unit over time: a column a step, a row a quantity. */
function timeline(data, view, state, uid) {
  const largest = Math.max(1, ...view.records.map((record) => Math.abs(record.c[state.unit])));
  const cell = (t, quantity, value, limit = 1) =>
    `<td class="${t === state.step ? "lab-now" : ""}" style="${paint(quantity, value, limit)}">${
      shown(value)
    }</td>`;
  const head = view.x.map((_, t) => {
    const label = data.alphabet ? [...state.text][t] : t;
    const chosen = t === state.step;
    return `<th scope="col"><button type="button" id="${uid}-t${t}" class="lab-number${
      chosen ? " lab-same" : ""
    }" data-pick="${t}" data-row="0" data-column="${t}"` +
      ` aria-pressed="${chosen}" tabindex="${chosen ? 0 : -1}" aria-label="${
        escape(label)
      }, step ${t}">${escape(label)}</button></th>`;
  }).join("");
  const row = (name, cells) => `<tr><th scope="row">${name}</th>${cells.join("")}</tr>`;
  const inputs = data.alphabet ? [] : view.x[0].map((_, k) =>
    row(
      `x[${k}]`,
      view.x.map((values, t) => (
        cell(t, "input", values[k], Math.max(1, ...view.x.flat().map(Math.abs)))
      )),
    )
  );
  const states = [...GATES, "c", "h"].map((name) =>
    row(
      `<b class="lab-is-${name}">${name}</b>`,
      view.records.map((record, t) =>
        cell(t, name, record[name][state.unit], name === "c" ? largest : 1)
      ),
    )
  );
  const said = data.head
    ? [row(
      "says",
      answers(data, view).map(([text, chance], t) => (
        `<td class="${t === state.step ? "lab-now" : ""}" style="${paint("output", chance)}">${
          escape(text)
        }</td>`
      )),
    )]
    : [];
  const first = data.alphabet ? "letter" : "step";
  return `<div class="lab-scroll lab-timeline" data-panel role="group" aria-label="steps; ` +
    `arrow keys move"><table><caption>unit ${state.unit}, every step</caption>` +
    `<thead><tr><th scope="row">${first}</th>${head}</tr></thead><tbody>${
      [...inputs, ...states, ...said].join("")
    }${chart(view, state)}</tbody></table></div>`;
}

/** Return a row of the table with the lines of c and h: a step of theirs is a column. */
function chart(view, state) {
  const [width, height] = [640, 130];
  const values = view.records.flatMap((record) => [record.c[state.unit], record.h[state.unit]]);
  const largest = Math.max(...values.map(Math.abs));
  const limit = Math.max(1, largest);
  const x = (t) => ((t + 0.5) * width) / view.records.length;
  const y = (value) => height / 2 - (value / limit) * (height / 2 - 6);
  const points = (name) =>
    view.records.map((record, t) => `${x(t).toFixed(1)},${y(record[name][state.unit]).toFixed(1)}`);
  const path = (name) => `<polyline class="lab-line-${name}" points="${points(name).join(" ")}"/>`;
  const level = (value) =>
    `<line class="lab-level" x1="0" x2="${width}" y1="${y(value)}" y2="${y(value)}"/>`;
  return `<tr class="lab-chart"><th scope="row"><b class="lab-is-c">c</b> solid<br><b ` +
    `class="lab-is-h">h</b> dashed</th><td colspan="${view.records.length}"` +
    ` data-tip="c and h of unit ${state.unit}; the thin lines lie at \u22121, 0 and 1; the ` +
    `largest is ${shown(largest)}">` +
    `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" ` +
    `aria-label="c and h of unit ${state.unit} over the steps, the largest ${shown(largest)}">` +
    `${[-1, 0, 1].map(level).join("")}<line class="lab-cursor" x1="${x(state.step)}" x2="${
      x(state.step)
    }" y1="0" y2="${height}"/>${path("c")}${path("h")}</svg></td></tr>`;
}

/** Return the Python that makes the reader's changes. */
function changes(data, state) {
  const size = data.network.hidden_size;
  const found = Object.entries(state.edits).map(([key, value]) => {
    const [name, row, column] = key.split(",");
    return `${data.names[0]}.${name}.data[${
      name.startsWith("bias") ? row : `${row}, ${column}`
    }] = ${value}`;
  });
  if (state.forget) {
    found.push(`${data.names[0]}.bias_ih_l0.data[${size}:${2 * size}] += ${state.forget}`);
  }
  state.x?.forEach((values, t) =>
    values.forEach((value, k) => {
      if (!data.alphabet && value !== data.x[t][k]) {
        found.push(`${data.names[1]}[0, ${t}, ${k}] = ${value}`);
      }
    })
  );
  return found;
}

/** Return the weights that a unit has, as [key, words]. */
function choices(data) {
  const own = data.decoded ?? (data.decoded = weightsOf(data.network));
  const size = data.network.hidden_size;
  return Object.entries(own).flatMap(([name, { rows, columns }]) => (
    Array.from({ length: rows * columns }, (_, k) => {
      const [row, column] = [Math.floor(k / columns), k % columns];
      const index = name.startsWith("bias") ? row : `${row}, ${column}`;
      return [
        `${name},${row},${column}`,
        `${name}[${index}]: ${GATES[Math.floor(row / size)]} of unit ${row % size}`,
      ];
    })
  ));
}

const valueOf = (data, state) => {
  const [name, row, column] = state.weight.split(",");
  const own = (data.decoded ?? (data.decoded = weightsOf(data.network)))[name];
  return state.edits[state.weight] ??
    Number(own.values[Number(row) * own.columns + Number(column)].toFixed(2));
};

export const cellExplorer = {
  title: "Inside the cell",
  help: "Choose a step and a unit; unfold an equation to see its numbers.",
  state: { step: 0, unit: 0, text: "", x: [], weight: "weight_ih_l0,0,0", edits: {}, forget: 0 },

  clean(data, state) {
    const known = data.known ?? (data.known = new Set(choices(data).map(([key]) => key)));
    const edits = Object.fromEntries(
      Object.entries(state.edits).filter(([key, value]) =>
        known.has(key) && Number.isFinite(value)
      ),
    );
    const row = (values) =>
      Array.isArray(values) && values.length === data.x[0].length && values.every(Number.isFinite);
    const shaped = Array.isArray(state.x) && state.x.length === data.x?.length &&
      state.x.every(row);
    const x = data.alphabet ? [] : shaped ? state.x : data.x;
    const length = data.alphabet ? Math.min(MOST, Math.max(1, [...state.text].length)) : x.length;
    return {
      step: bound(state.step, 0, length - 1),
      unit: bound(state.unit, 0, data.network.hidden_size - 1),
      text: [...String(state.text)].slice(0, MOST).join(""),
      x,
      weight: known.has(state.weight) ? state.weight : "weight_ih_l0,0,0",
      edits,
      forget: data.decoded.bias_ih_l0 ? Math.min(9, Math.max(-9, Number(state.forget) || 0)) : 0,
    };
  },

  /** Return the value of a control that is part of a larger value. */
  value(data, state, key) {
    if (key === "value") return valueOf(data, state);
    return key.startsWith("x:") ? state.x[state.step][Number(key.slice(2))] : undefined;
  },

  controls(data, state, uid) {
    const units = Array.from({ length: data.network.hidden_size }, (_, unit) => [unit, unit]);
    const all = { ...state, value: valueOf(data, state) };
    const inputs = data.alphabet
      ? [
        line("text", `text of ${[...data.alphabet].join(", ")}`, { size: 24, length: MOST }, state),
      ]
      : data.x[0].map((_, k) =>
        slider(`x:${k}`, `x[${k}] at this step`, { min: -6, max: 6, step: 0.1 }, {
          [`x:${k}`]: state.x[state.step][k],
        })
      );
    return [
      ...inputs,
      units.length > 1 ? choice(uid, "unit", "unit", units, state) : "",
      slider("forget", "added to the forget bias", { min: -9, max: 9, step: 0.5 }, state),
      list("weight", "a weight", choices(data), state),
      slider("value", "its value", { min: -9, max: 9, step: 0.05 }, all),
      playButton("walk through time"),
    ].join("");
  },

  sync(form, data) {
    if (!data.decoded.bias_ih_l0) form.querySelector('[data-key="forget"]').disabled = true;
  },

  typed(data, state, key, control) {
    const value = Number(control.value);
    if (key === "value") return { edits: { ...state.edits, [state.weight]: value } };
    if (key === "text") return { text: control.value, step: [...control.value].length - 1 };
    if (!key.startsWith("x:")) return null;
    const x = state.x.map((values) => [...values]);
    x[state.step][Number(key.slice(2))] = value;
    return { x };
  },

  pick: (data, state, step) => ({ step: Number(step) }),
  steps: (data, state) => sequenceOf(data, state)?.length ?? 0,
  at: (data, state, step) => ({ step }),

  says(data, state) {
    const view = seen(data, state);
    if (!view) {
      const strange = unknown(data.alphabet, state.text);
      const has = strange.length ? `has ${quoted(strange)}` : "is empty";
      return `The text ${has}; expected letters of ${[...data.alphabet].join(", ")}, at least one.`;
    }
    const { c, h, f } = view.records[state.step];
    const letter = data.alphabet ? ` (${escape([...state.text][state.step])})` : "";
    const kept = state.step
      ? `${share(f[state.unit])} of the c before, plus i \u00b7 g`
      : "all of it new, i \u00b7 g";
    const said = data.head ? ` It says <b>${escape(answers(data, view)[state.step][0])}</b>.` : "";
    return `After step ${state.step}${letter}, unit ${state.unit}: c is <b>${
      shown(c[state.unit])
    }</b>, ${kept}; h is <b>${shown(h[state.unit])}</b>.${said}`;
  },

  display(data, state, uid) {
    const view = seen(data, state);
    if (!view) return "";
    const made = changes(data, state);
    const lines = made.length
      ? `<ul class="lab-code" aria-label="The same changes in Python">${
        made.map(copied).join("")
      }</ul>`
      : "";
    return `${timeline(data, view, state, uid)}${equations(data, view, state, uid)}${lines}`;
  },
};
