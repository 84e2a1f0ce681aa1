// The shape of every tensor of nn.LSTM, nn.GRU and nn.RNN, drawn as boxes: the call is the form.
//
// The same rules as lstm_lab/states/shapes.py, which a test compares with these over every option.

import { chip, colored, tensorBoxes, tuple } from "./boxes.js";
import { layouts, range } from "./draw.js";
import { bound, choice, copied, escape, line, list, slider, tick } from "./kit.js";

// What an axis counts, by its letters.
const AXES = {
  L: "time step",
  N: "sequence",
  "sum of lengths": "step of a sequence",
  "D * num_layers": "layer and direction",
  H_in: "feature",
  H_out: "hidden state",
  H_cell: "cell state",
  "4 * H_cell": "gates i f g o",
  "3 * H_out": "gates r z n",
};
const MOST = { input_size: 64, hidden_size: 64, num_layers: 4, batch: 64, seq_len: 64 };
const WORDS = {
  kind: ["LSTM", "GRU", "RNN"],
  call: ["batched", "unbatched", "packed"],
  nonlinearity: ["tanh", "relu"],
};
// What the form shows of the module, and what stands in the call only where it is no default.
const FORM = ["num_layers", "bidirectional", "batch_first"];
const RARE = ["nonlinearity", "bias", "dropout", "proj_size"];

const product = (values) => values.reduce((a, b) => a * b);

/** Return the tensors of a call as [name, ...letters of its axes]. */
function tensors({ kind, call, batch_first }) {
  const steps = batch_first ? ["N", "L"] : ["L", "N"];
  const lead = { packed: ["sum of lengths"], unbatched: ["L"], batched: steps }[call];
  const rows = ["D * num_layers", ...(call === "unbatched" ? [] : ["N"])];
  const states = (when) => [
    [`h_${when}`, ...rows, "H_out"],
    ...(kind === "LSTM" ? [[`c_${when}`, ...rows, "H_cell"]] : []),
  ];
  const output = ["output", ...lead, "D * H_out"];
  return [["input", ...lead, "H_in"], ...states("0"), output, ...states("n")];
}

/** Return the parameters in the same form, in the module's own order. */
function parameters({ kind, num_layers, bidirectional, bias, proj_size }) {
  const rows = { LSTM: "4 * H_cell", GRU: "3 * H_out", RNN: "H_out" }[kind];
  const layer = (level, way) =>
    [
      ["weight_ih", rows, level ? "D * H_out" : "H_in"],
      ["weight_hh", rows, "H_out"],
      ...(bias ? [["bias_ih", rows], ["bias_hh", rows]] : []),
      ...(proj_size ? [["weight_hr", "H_out", "H_cell"]] : []),
    ].map(([name, ...letters]) => [`${name}_l${level}${way}`, ...letters]);
  const ways = bidirectional ? ["", "_reverse"] : [""];
  return range(num_layers).flatMap((level) => ways.flatMap((way) => layer(level, way)));
}

/** Return the shapes of one call: {tensors, parameters}, each row {name, letters, shape, axes}. */
export function shapes(options) {
  const { call, lengths, bidirectional, hidden_size } = options;
  const packed = call === "packed";
  const sizes = {
    ...options,
    N: packed ? lengths.length : options.batch,
    L: options.seq_len,
    D: bidirectional ? 2 : 1,
    H_in: options.input_size,
    H_cell: hidden_size,
    H_out: options.proj_size || hidden_size,
    "sum of lengths": packed && lengths.reduce((a, b) => a + b, 0),
  };
  const size = (word) => product(word.split(" * ").map((part) => sizes[part] ?? Number(part)));
  const row = (counted) => ([name, ...letters]) => {
    const axes = letters.map((each) => counted[each] ?? AXES[each]);
    return { name, letters, axes, shape: letters.map(size) };
  };
  const both = `hidden state${bidirectional ? " of both directions" : ""}`;
  const inside = { "D * H_out": "output of the layer below", H_cell: "o * tanh(c)" };
  return {
    tensors: tensors(options).map(row({ "D * H_out": both })),
    parameters: parameters(options).map(row(inside)),
  };
}

/** Return a number in the call, to type or to step. */
function stepper(key, state) {
  const step = (by, name, sign) =>
    `<button type="button" data-key="${key}" value="${state[key] + by}" ` +
    `aria-label="${name} ${key}">${sign}</button>`;
  return `<span class="lab-step ${colored(key)}">${step(-1, "less", "\u2212")}<input ` +
    `type="number" data-key="${key}" min="1" max="${MOST[key]}" value="${state[key]}" ` +
    `aria-label="${key}">${step(1, "more", "+")}</span>`;
}

/** Return the lines of Python that make the module and its input, and that call it. */
export function calls(options, asked = false) {
  const { kind, call, input_size } = options;
  const number = (key) => (asked ? stepper(key, options) : options[key]);
  const argument = (key) => {
    const value = options[key];
    if (key in MOST) return `${key}=${number(key)}`;
    if (typeof value !== "boolean") return `${key}=${key in WORDS ? `"${value}"` : value}`;
    const words = `${key}=${value ? "True" : "False"}`;
    return asked && FORM.includes(key) ? tick(key, words, options) : words;
  };
  const joined = (words) => words.map((word) => (asked ? `<span>${word}</span>` : word)).join(", ");
  const named = [
    ...FORM.filter((key) => asked || ![1, false].includes(options[key])),
    ...RARE.filter((key) => options[key] !== shapeCalculator.state[key]),
  ];
  const made = [...["input_size", "hidden_size"].map(number), ...named.map(argument)];
  const axes = call === "unbatched" ? ["seq_len"] : ["seq_len", "batch"];
  if (options.batch_first) axes.reverse();
  const input = call === "packed"
    ? `nn.utils.rnn.pack_sequence([torch.randn(n, ${input_size}) for n in ` +
      `${tuple(options.lengths)}], enforce_sorted=False)`
    : `torch.randn(${joined([...axes.map(number), input_size])})`;
  const name = kind.toLowerCase();
  return [
    `${name} = nn.${kind}(${joined(made)})`,
    `x = ${input}`,
    `output, ${kind === "LSTM" ? "(h_n, c_n)" : "h_n"} = ${name}(x)`,
  ];
}

export const callBox = (lines) =>
  `<div class="lab-call lab-form">${lines.map((each) => `<div>${each}</div>`).join("")}</div>`;

/** Read lengths as a reader types them; none where one of them is no length. */
function lengthsOf(text) {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const good = words.length <= 12 && words.every((word) => /^[1-9]\d{0,2}$/.test(word));
  return good ? words.map(Number) : [];
}

const unread = (state) => state.call === "packed" && !lengthsOf(state.lengths).length;

/** Return the options as the module takes them. */
const effective = (state) => ({
  ...state,
  lengths: lengthsOf(state.lengths),
  nonlinearity: state.kind === "RNN" ? state.nonlinearity : "tanh",
  proj_size: state.kind === "LSTM" ? Math.min(state.proj_size, state.hidden_size - 1) : 0,
});

/** Return the shapes of a view in one list, each with the axes that the last change moved. */
function seen(state, before) {
  const all = (view) => Object.values(shapes(effective(view))).flat();
  const earlier = before ? all(before) : [];
  return all(state).map((row) => {
    const old = earlier.find(({ name }) => name === row.name) ?? { shape: [], letters: [] };
    const moved = row.shape.map((size, k) => {
      const was = old.letters.indexOf(row.letters[k]);
      const placed = was === k || old.shape.length !== row.shape.length;
      return before && (old.shape[was] !== size || !placed);
    });
    return { ...row, moved };
  });
}

/** Say whether a tensor is drawn as a box; first states and parameters stand in the fold. */
const boxed = ({ name }) => ["input", "output", "h_n", "c_n"].includes(name);

export const shapeCalculator = {
  title: "Shape calculator",
  help: "Change a number in the call; what that moves is marked.",
  fold: "GRU, RNN, one sequence, packed, projection, parameters",
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
    const near = { ...state, dropout: Math.min(0.9, Math.max(0, state.dropout)) };
    for (const key in MOST) near[key] = bound(state[key], 1, MOST[key]);
    for (const key in WORDS) if (!WORDS[key].includes(state[key])) near[key] = WORDS[key][0];
    near.proj_size = bound(state.proj_size, 0, 63);
    return near;
  },

  more: (data, state, uid) =>
    choice(uid, "kind", "module", WORDS.kind.map((kind) => [kind, `nn.${kind}`]), state) +
    choice(uid, "call", "input", WORDS.call, state) +
    line("lengths", "lengths", { size: 14, length: 60 }, state) +
    slider("proj_size", "<code>proj_size</code>", { min: 0, max: 63 }, state) +
    tick("bias", "<code>bias</code>", state) +
    slider("dropout", "<code>dropout</code>", { min: 0, max: 0.9, step: 0.1 }, state) +
    list("nonlinearity", "<code>nonlinearity</code>", WORDS.nonlinearity, state),

  /** Switch off what the module or the input does not have. */
  sync(form, data, state) {
    const control = (key) => form.querySelector(`[data-key="${key}"]`);
    control("proj_size").disabled = state.kind !== "LSTM";
    control("nonlinearity").disabled = state.kind !== "RNN";
    control("lengths").disabled = state.call !== "packed";
    control("lengths").setAttribute("aria-invalid", unread(state));
  },

  /** A number that was rubbed out is none yet. */
  typed: (data, state, key, control) => (control.type === "number" && !control.value ? {} : null),

  says(data, state) {
    if (unread(state)) {
      return `lengths is "${escape(state.lengths)}"; expected up to twelve whole numbers ` +
        "from 1 to 999, as in 5, 3, 2.";
    }
    const states = state.kind === "LSTM"
      ? "<code>h_n</code> and <code>c_n</code> have"
      : "<code>h_n</code> has";
    const { tensors, parameters } = shapes(effective(state));
    const shapeOf = (name) =>
      `<code>${name}</code> is <b>${tuple(tensors.find((row) => row.name === name).shape)}</b>`;
    const count = parameters.reduce((sum, { shape }) => sum + product(shape), 0);
    const most = state.hidden_size - 1;
    const remarks = [
      state.kind === "LSTM" && state.proj_size > most &&
      `<code>proj_size</code> must be less than <code>hidden_size</code>: ${most} here.`,
      state.dropout && state.num_layers === 1 &&
      "<code>dropout</code> drops between layers: with one it does nothing, and PyTorch warns.",
      state.call === "packed" && "Packed, the steps of all sequences lie in one flat strip.",
    ].filter(Boolean);
    const last = `${states} no edge of time, and <code>batch_first</code> moves nothing there.`;
    return `${shapeOf("output")}, ${shapeOf("h_n")}; ${count.toLocaleString("en")} weights. ` +
      (remarks.join(" ") || last);
  },

  code(data, state, before) {
    if (unread(state)) return "";
    const rows = seen(state, before).filter((row) => !boxed(row));
    const told = rows.map(({ name, shape, letters, axes, moved }) => {
      const chips = shape.map((size, k) => {
        const words = letters[k].replaceAll(" * ", " \u00b7 ");
        const told = `<i>${words}</i> <small>${axes[k]}</small>`;
        return chip(letters[k], size, told, { moved: moved[k] });
      });
      return `<li><code>${name}</code>${chips.join("")}</li>`;
    });
    return `<ul aria-label="The call">${calls(effective(state)).map(copied).join("")}</ul>` +
      `<ul aria-label="First states and parameters">${told.join("")}</ul>`;
  },

  display(data, state, uid, before) {
    if (unread(state)) return "";
    const end = state.call === "packed" ? ".data" : "";
    const names = { input: `x${end}`, output: `output${end}` };
    const rows = seen(state, before).filter(boxed)
      .map((row) => ({ ...row, name: names[row.name] ?? row.name }));
    return callBox(calls(effective(state), true)) +
      layouts((width) => tensorBoxes(rows, width, state.bidirectional, "Tensors as boxes"));
  },
};
