// The shape of every tensor of nn.LSTM, nn.GRU and nn.RNN: a calculator, and a drill.
//
// The same rules as lstm_lab/shapes.py, which a test compares with these over every option.

import { choice, copied, escape, line, list, slider, tick } from "./kit.js";

const GATES = { LSTM: 4, GRU: 3, RNN: 1 };
const ROWS = { LSTM: "gates i f g o", GRU: "gates r z n", RNN: "hidden state" };
const product = (values) => values.reduce((a, b) => a * b, 1);
const tuple = (values) => `(${values.join(", ")}${values.length === 1 ? "," : ""})`;

/** Return the tensors of a call as [name, letters, axes]. */
function tensors(options) {
  const lead = {
    packed: [["sum of lengths"], ["step of a sequence"]],
    unbatched: [["L"], ["time step"]],
    batched: [["L", "N"], ["time step", "sequence"]],
  }[options.call].map((
    part,
  ) => (options.call === "batched" && options.batch_first ? [...part].reverse() : part));
  const state = [["D * num_layers", "N"], ["layer and direction", "sequence"]]
    .map((part) => (options.call === "unbatched" ? part.slice(0, 1) : part));
  const both = options.bidirectional ? " of both directions" : "";
  const h = (name) => [name, [...state[0], "H_out"], [...state[1], "hidden state"]];
  const c = (
    name,
  ) => (options.kind === "LSTM"
    ? [[name, [...state[0], "H_cell"], [...state[1], "cell state"]]]
    : []);
  return [
    ["input", [...lead[0], "H_in"], [...lead[1], "feature"]],
    h("h_0"),
    ...c("c_0"),
    ["output", [...lead[0], "D * H_out"], [...lead[1], `hidden state${both}`]],
    h("h_n"),
    ...c("c_n"),
  ];
}

/** Return the parameters as [name, letters, axes], in the module's own order. */
function parameters(options) {
  const found = [];
  const cell = options.kind === "LSTM" ? "H_cell" : "H_out";
  const rows = GATES[options.kind] === 1 ? cell : `${GATES[options.kind]} * ${cell}`;
  const what = ROWS[options.kind];
  for (let layer = 0; layer < options.num_layers; layer++) {
    const below = layer === 0 ? ["H_in", "feature"] : ["D * H_out", "output of the layer below"];
    for (const suffix of options.bidirectional ? ["", "_reverse"] : [""]) {
      const end = `_l${layer}${suffix}`;
      found.push([`weight_ih${end}`, [rows, below[0]], [what, below[1]]]);
      found.push([`weight_hh${end}`, [rows, "H_out"], [what, "hidden state"]]);
      if (options.bias) {
        for (const part of ["ih", "hh"]) found.push([`bias_${part}${end}`, [rows], [what]]);
      }
      if (options.proj_size) {
        found.push([`weight_hr${end}`, ["H_out", "H_cell"], ["hidden state", "o * tanh(c)"]]);
      }
    }
  }
  return found;
}

/** Return the shapes of one call: {tensors, parameters}, each row {name, letters, shape, axes}. */
export function shapes(options) {
  const lengths = options.call === "packed" ? options.lengths : [];
  const sizes = {
    N: options.call === "packed" ? lengths.length : options.batch,
    L: options.call === "packed" ? Math.max(...lengths) : options.seq_len,
    D: options.bidirectional ? 2 : 1,
    H_in: options.input_size,
    H_cell: options.hidden_size,
    H_out: options.proj_size || options.hidden_size,
    num_layers: options.num_layers,
    "sum of lengths": lengths.reduce((a, b) => a + b, 0),
  };
  const size = (word) => product(word.split(" * ").map((part) => sizes[part] ?? Number(part)));
  const row = ([name, letters, axes]) => ({ name, letters, axes, shape: letters.map(size) });
  return { tensors: tensors(options).map(row), parameters: parameters(options).map(row) };
}

/** Return the call that makes the module, options at their defaults left out. */
function made(options) {
  const words = [options.input_size, options.hidden_size];
  if (options.num_layers > 1) words.push(`num_layers=${options.num_layers}`);
  if (options.kind === "RNN" && options.nonlinearity !== "tanh") {
    words.push(`nonlinearity="${options.nonlinearity}"`);
  }
  if (!options.bias) words.push("bias=False");
  if (options.batch_first) words.push("batch_first=True");
  if (options.dropout) words.push(`dropout=${options.dropout}`);
  if (options.bidirectional) words.push("bidirectional=True");
  if (options.proj_size) words.push(`proj_size=${options.proj_size}`);
  return `nn.${options.kind}(${words.join(", ")})`;
}

/** Return the options as the module takes them: a projection smaller than hidden_size, if any. */
const effective = (state) => ({
  ...state,
  lengths: lengthsOf(state.lengths),
  proj_size: state.kind === "LSTM" ? Math.min(state.proj_size, state.hidden_size - 1) : 0,
});

/** Return the lines of Python that make the call. */
function code(options) {
  const input = shapes(options).tensors[0].shape;
  const results = options.kind === "LSTM" ? "output, (h_n, c_n)" : "output, h_n";
  const rows = options.call === "packed"
    ? options.lengths.map((length) => `torch.randn(${length}, ${options.input_size})`)
    : [];
  const given = options.call === "packed"
    ? `nn.utils.rnn.pack_sequence([${rows.join(", ")}], enforce_sorted=False)`
    : `torch.randn(${input.join(", ")})`;
  return [`layer = ${made(options)}`, `${results} = layer(${given})`];
}

const chips = (row, before) =>
  row.shape.map((size, k) => {
    const moved = before && (before.shape.length !== row.shape.length || before.shape[k] !== size);
    const letters = row.letters[k].replaceAll(" * ", " \u00b7 ");
    return `<span class="lab-chip${
      moved ? " lab-moved" : ""
    }"><b>${size}</b><i>${letters}</i><small>${row.axes[k]}</small></span>`;
  }).join("");

const tensorRow = (row, before) => (
  `<tr><th scope="row"><code>${row.name}</code></th><td><span class="lab-heard">${
    tuple(row.shape)
  }</span>${chips(row, before)}</td></tr>`
);

/** Read lengths as a reader types them; null where they are none. */
function lengthsOf(text) {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const good = words.length > 0 && words.length <= 12 &&
    words.every((word) => /^[1-9]\d{0,2}$/.test(word));
  return good ? words.map(Number) : null;
}

const bound = (value, low, high) => Math.min(high, Math.max(low, Math.round(Number(value)) || 0));
const KINDS = ["LSTM", "GRU", "RNN"];
const CALLS = ["batched", "unbatched", "packed"];
const among = (values, value) => (values.includes(value) ? value : values[0]);

export const shapeCalculator = {
  title: "Shape calculator",
  help: "Each axis shows its size, its letter and what it counts; what the last change moved is " +
    "framed.",
  state: {
    kind: "LSTM",
    input_size: 10,
    hidden_size: 20,
    num_layers: 2,
    nonlinearity: "tanh",
    bias: true,
    batch_first: false,
    dropout: 0,
    bidirectional: false,
    proj_size: 0,
    call: "batched",
    batch: 3,
    seq_len: 5,
    lengths: "5, 3, 2",
  },

  clean(data, state) {
    const kind = among(KINDS, state.kind);
    const hidden_size = bound(state.hidden_size, 1, 64);
    return {
      kind,
      hidden_size,
      input_size: bound(state.input_size, 1, 64),
      num_layers: bound(state.num_layers, 1, 4),
      nonlinearity: among(["tanh", "relu"], state.nonlinearity),
      bias: Boolean(state.bias),
      batch_first: Boolean(state.batch_first),
      dropout: Math.min(0.9, Math.max(0, Number(state.dropout) || 0)),
      bidirectional: Boolean(state.bidirectional),
      proj_size: bound(state.proj_size, 0, 63),
      call: among(CALLS, state.call),
      batch: bound(state.batch, 1, 64),
      seq_len: bound(state.seq_len, 1, 64),
      lengths: String(state.lengths),
    };
  },

  controls: (data, state, uid) =>
    [
      choice(uid, "kind", "module", KINDS.map((kind) => [kind, `nn.${kind}`]), state),
      choice(uid, "call", "input", CALLS.map((call) => [call, call]), state),
      slider("input_size", "<code>input_size</code>", { min: 1, max: 64 }, state),
      slider("hidden_size", "<code>hidden_size</code>", { min: 1, max: 64 }, state),
      slider("num_layers", "<code>num_layers</code>", { min: 1, max: 4 }, state),
      slider("proj_size", "<code>proj_size</code>", { min: 0, max: 63 }, state),
      slider("batch", "sequences N", { min: 1, max: 64 }, state),
      slider("seq_len", "steps L", { min: 1, max: 64 }, state),
      line("lengths", "lengths", { size: 14, length: 60 }, state),
      tick("batch_first", "<code>batch_first</code>", state),
      tick("bidirectional", "<code>bidirectional</code>", state),
      tick("bias", "<code>bias</code>", state),
      slider("dropout", "<code>dropout</code>", { min: 0, max: 0.9, step: 0.1 }, state),
      list(
        "nonlinearity",
        "<code>nonlinearity</code>",
        [["tanh", "tanh"], ["relu", "relu"]],
        state,
      ),
    ].join(""),

  /** Switch off what the module or the input does not have. */
  sync(form, data, state) {
    const off = {
      proj_size: state.kind !== "LSTM",
      nonlinearity: state.kind !== "RNN",
      lengths: state.call !== "packed",
      batch: state.call !== "batched",
      seq_len: state.call === "packed",
    };
    for (const [key, disabled] of Object.entries(off)) {
      form.querySelector(`[data-key="${key}"]`).disabled = disabled;
    }
    form.querySelector('[data-key="lengths"]').setAttribute(
      "aria-invalid",
      String(!lengthsOf(state.lengths)),
    );
  },

  says(data, state) {
    const lengths = lengthsOf(state.lengths);
    if (state.call === "packed" && !lengths) {
      return `lengths is "${
        escape(state.lengths)
      }"; expected up to twelve whole numbers from 1 to 999, as in 5, 3, 2.`;
    }
    const found = shapes(effective(state));
    const [output, h_n] = ["output", "h_n"].map((name) =>
      found.tensors.find((row) => row.name === name)
    );
    const count = found.parameters.reduce((sum, row) => sum + product(row.shape), 0);
    return `<code>output</code> is <b>${tuple(output.shape)}</b>, <code>h_n</code> is <b>${
      tuple(h_n.shape)
    }</b>; ${count.toLocaleString("en")} weights.${
      state.kind === "LSTM" && state.proj_size >= state.hidden_size
        ? ` <code>proj_size</code> must be less than <code>hidden_size</code>: ${
          state.hidden_size - 1
        } here.`
        : ""
    }`;
  },

  display(data, state, uid, before) {
    const lengths = lengthsOf(state.lengths);
    if (state.call === "packed" && !lengths) return "";
    const options = effective(state);
    const found = shapes(options);
    const earlier = before && (before.call !== "packed" || lengthsOf(before.lengths))
      ? shapes(effective(before))
      : null;
    const old = (
      rows,
      name,
    ) => (earlier ? earlier[rows].find((row) => row.name === name) ?? { shape: [] } : null);
    const table = (rows) => found[rows].map((row) => tensorRow(row, old(rows, row.name))).join("");
    const idle = [
      state.dropout && state.num_layers > 1
        ? "<p><code>dropout</code> changes numbers in training, and no shape.</p>"
        : "",
      state.dropout && state.num_layers === 1
        ? "<p><code>dropout</code> drops between layers: with one layer it does nothing, and " +
          "PyTorch warns.</p>"
        : "",
      state.kind === "RNN" && state.nonlinearity !== "tanh"
        ? "<p><code>nonlinearity</code> changes numbers, and no shape.</p>"
        : "",
    ].join("");
    return `<ul class="lab-code" aria-label="The call">${
      code(options).map(copied).join("")
    }</ul>${idle}` +
      `<table class="lab-shapes-table"><tbody>${table("tensors")}</tbody></table>` +
      `<details id="${uid}-parameters"><summary>${found.parameters.length} parameters</summary>` +
      `<table class="lab-shapes-table"><tbody>${table("parameters")}</tbody></table></details>`;
  },
};

/** Return numbers from 0 to 1 that depend on a seed alone (Tommy Ettinger's mulberry32). */
function dice(seed) {
  let a = (seed + 1) * 0x9e3779b9;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Return a question of the drill: options and the tensor that is asked for. */
export function question(number) {
  const roll = dice(number);
  const from = (values) => values[Math.floor(roll() * values.length)];
  const kind = from(["LSTM", "LSTM", "GRU", "RNN"]);
  const hidden_size = from([12, 16, 20, 32]);
  const options = {
    kind,
    hidden_size,
    input_size: from([8, 10, 28]),
    num_layers: from([1, 2, 3]),
    nonlinearity: "tanh",
    bias: true,
    batch_first: roll() < 0.5,
    dropout: 0,
    bidirectional: roll() < 0.5,
    proj_size: kind === "LSTM" && roll() < 0.2 ? 5 : 0,
    call: roll() < 0.15 ? "unbatched" : "batched",
    batch: from([4, 6, 7]),
    seq_len: from([9, 11, 15]),
    lengths: [],
  };
  return { options, name: from(kind === "LSTM" ? ["output", "h_n", "c_n"] : ["output", "h_n"]) };
}

/** Read a shape as a reader types it; null where it is none. */
export function shapeOf(text) {
  const inside = text.trim().replace(/^torch\.Size/, "").replace(/[([\])]|\.$/g, "");
  const words = inside.split(/[\s,x\u00d7]+/).filter(Boolean);
  return words.length && words.every((word) => /^\d{1,5}$/.test(word)) ? words.map(Number) : null;
}

const equal = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);
const find = (options, name) => shapes(options).tensors.find((row) => row.name === name);

/** Return why an answer is wrong: the known mistake that gives it, else which axes are wrong. */
export function diagnosis({ options, name }, answer) {
  const right = find(options, name);
  const state = name !== "output";
  const changed = (changes) => equal(find({ ...options, ...changes }, name)?.shape ?? [], answer);
  const swapped = right.shape.length === 3 &&
    equal([right.shape[1], right.shape[0], right.shape[2]], answer);
  if (swapped && state) {
    return `${name} is never batch-first: its first axis counts layers and directions, ` +
      `whatever batch_first says.`;
  }
  if (swapped) {
    return options.batch_first
      ? "With batch_first=True the sequences come first."
      : "Without batch_first=True time comes first.";
  }
  if (options.bidirectional && changed({ bidirectional: false })) {
    return state
      ? "Each layer has two directions, and a row for each."
      : "Two directions stand side by side in output: twice as wide.";
  }
  if (!options.bidirectional && changed({ bidirectional: true })) {
    return "This layer reads in one direction only.";
  }
  if (options.num_layers > 1 && changed({ num_layers: 1 })) {
    return `It has ${options.num_layers} layers, and ${name} has rows for each of them.`;
  }
  if (options.proj_size && changed({ proj_size: 0 })) {
    return `proj_size=${options.proj_size} makes every hidden state that small.`;
  }
  if (options.proj_size && name === "c_n" && answer.at(-1) === options.proj_size) {
    return "The projection maps h; the cell state keeps hidden_size.";
  }
  if (!state && answer.at(-1) === options.input_size && right.shape.at(-1) !== options.input_size) {
    return "The last axis of output is a hidden state, and has nothing of input_size.";
  }
  if (answer.length !== right.shape.length) {
    const more = answer.length > right.shape.length;
    return options.call === "unbatched" && more
      ? "The input is one sequence without a batch axis, and so is the result."
      : `It has ${right.shape.length} axes: ${right.axes.join(", ")}.`;
  }
  const wrong = right.axes.filter((_, k) => right.shape[k] !== answer[k]).map((axis) =>
    `"${axis}"`
  );
  return `Look again at the ${wrong.length > 1 ? "axes" : "axis"} ${wrong.join(" and ")}.`;
}

export const shapeDrill = {
  title: "Shape drill",
  help: "Type a shape such as 3, 5, 20. Enter checks it.",
  state: { number: 0, answer: "", checked: "", counted: -1, right: 0, tried: 0 },

  clean: (data, state) => ({
    number: bound(state.number, 0, 1e6),
    answer: String(state.answer),
    checked: String(state.checked),
    counted: bound(state.counted, -1, 1e6),
    right: bound(state.right, 0, 1e6),
    tried: bound(state.tried, 0, 1e6),
  }),

  controls: (data, state) =>
    [
      line("answer", "shape", { size: 16, length: 40 }, state),
      '<button type="submit">Check</button><button type="button" data-pick="next" ' +
      "data-next>Next question</button>",
    ].join(""),

  /** Check what stands in the line; of a question the first answer counts. */
  submit(data, state) {
    const [answer, checked] = [shapeOf(state.answer), state.answer || " "];
    if (!answer || state.counted === state.number) return { checked };
    const { options, name } = question(state.number);
    const right = equal(find(options, name).shape, answer);
    return { checked, counted: state.number, tried: state.tried + 1, right: state.right + right };
  },

  pick: (data, state) => ({ number: state.number + 1, answer: "", checked: "" }),

  says(data, state) {
    const score = `Right at the first try: ${state.right} of ${state.tried}.`;
    if (!state.checked) return `Question ${state.number + 1}. ${score}`;
    if (!state.checked.trim()) return "Type a shape first, as in 3, 5, 20.";
    const asked = question(state.number);
    const answer = shapeOf(state.checked);
    if (!answer) {
      return `"${escape(state.checked)}" is not a shape; expected whole numbers, as in 3, 5, 20.`;
    }
    const row = find(asked.options, asked.name);
    if (equal(row.shape, answer)) {
      return `<b>Right:</b> ${tuple(row.shape)} is ${row.axes.join(" \u00d7 ")}. ${score}`;
    }
    return `<b>Not yet:</b> ${diagnosis(asked, answer)} ${score}`;
  },

  display(data, state, uid) {
    const { options, name } = question(state.number);
    const row = find(options, name);
    const results = options.kind === "LSTM" ? "output, (h_n, c_n)" : "output, h_n";
    const input = tuple(shapes(options).tensors[0].shape);
    const solution =
      `<details id="${uid}-answer-${state.number}"><summary>Show the answer</summary>` +
      `<table class="lab-shapes-table"><tbody>${tensorRow(row)}</tbody></table></details>`;
    return `<p class="lab-question"><code>layer = ${
      made(options)
    }</code><br><code>${results} = layer(x)</code>, where <code>x</code> has the shape ` +
      `<code>${input}</code></p>` +
      `<p>Which shape has <code>${name}</code>?</p>${solution}`;
  },
};
