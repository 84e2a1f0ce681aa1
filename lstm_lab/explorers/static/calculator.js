// The shape of every tensor of nn.LSTM, nn.GRU and nn.RNN, drawn as boxes: the call is the form.
//
// The same rules as lstm_lab/states/shapes.py, which a test compares with these over every option.

import { chip, colored, tensorBoxes, tuple } from "./boxes.js";
import { layouts } from "./draw.js";
import { bound, choice, copied, escape, line, list, slider, tick } from "./kit.js";

const ROWS = { LSTM: [4, "gates i f g o"], GRU: [3, "gates r z n"], RNN: [1, "hidden state"] };
const AXES = {
  L: "time step",
  N: "sequence",
  "sum of lengths": "step of a sequence",
  "D * num_layers": "layer and direction",
  H_in: "feature",
  H_out: "hidden state",
  H_cell: "cell state",
};

const MOST = { input_size: 64, hidden_size: 64, num_layers: 4, batch: 64, seq_len: 64 };
const WORDS = {
  kind: ["LSTM", "GRU", "RNN"],
  call: ["batched", "unbatched", "packed"],
  nonlinearity: ["tanh", "relu"],
};

const product = (values) => values.reduce((a, b) => a * b, 1);

/** Return the tensors of a call as [name, [letters, axis], ...]. */
function tensors({ kind, call, batch_first, bidirectional }) {
  const axis = (letters) => [letters, AXES[letters]];
  const steps = batch_first ? ["N", "L"] : ["L", "N"];
  const lead = { packed: ["sum of lengths"], unbatched: ["L"], batched: steps }[call].map(axis);
  const rows = ["D * num_layers", ...(call === "unbatched" ? [] : ["N"])].map(axis);
  const both = `hidden state${bidirectional ? " of both directions" : ""}`;
  const states = (when) => [
    [`h_${when}`, ...rows, axis("H_out")],
    ...(kind === "LSTM" ? [[`c_${when}`, ...rows, axis("H_cell")]] : []),
  ];
  const output = ["output", ...lead, ["D * H_out", both]];
  return [["input", ...lead, axis("H_in")], ...states("0"), output, ...states("n")];
}

/** Return the parameters in the same form, in the module's own order. */
function parameters({ kind, num_layers, bidirectional, bias, proj_size }) {
  const [gates, what] = ROWS[kind];
  const cell = kind === "LSTM" ? "H_cell" : "H_out";
  const rows = [gates === 1 ? cell : `${gates} * ${cell}`, what];
  const hidden = ["H_out", "hidden state"];
  const layer = (level, way) =>
    [
      ["weight_ih", rows, level ? ["D * H_out", "output of the layer below"] : ["H_in", "feature"]],
      ["weight_hh", rows, hidden],
      ...(bias ? [["bias_ih", rows], ["bias_hh", rows]] : []),
      ...(proj_size ? [["weight_hr", hidden, ["H_cell", "o * tanh(c)"]]] : []),
    ].map(([name, ...axes]) => [`${name}_l${level}${way}`, ...axes]);
  const ways = bidirectional ? ["", "_reverse"] : [""];
  return [...Array(num_layers).keys()].flatMap((level) => ways.flatMap((way) => layer(level, way)));
}

/** Return the shapes of one call: {tensors, parameters}, each row {name, letters, shape, axes}. */
export function shapes(options) {
  const lengths = options.call === "packed" ? options.lengths : [];
  const sizes = {
    N: options.call === "packed" ? lengths.length : options.batch,
    L: options.seq_len,
    D: options.bidirectional ? 2 : 1,
    H_in: options.input_size,
    H_cell: options.hidden_size,
    H_out: options.proj_size || options.hidden_size,
    num_layers: options.num_layers,
    "sum of lengths": lengths.reduce((a, b) => a + b, 0),
  };
  const size = (word) => product(word.split(" * ").map((part) => sizes[part] ?? Number(part)));
  const row = ([name, ...pairs]) => {
    const [letters, axes] = [0, 1].map((k) => pairs.map((pair) => pair[k]));
    return { name, letters, axes, shape: letters.map(size) };
  };
  return { tensors: tensors(options).map(row), parameters: parameters(options).map(row) };
}

/** Return what stands in the call beside what always does, where it is not at its default. */
const rarely = ({ kind, nonlinearity, bias, dropout, proj_size }) =>
  [
    kind === "RNN" && nonlinearity !== "tanh" && `nonlinearity="${nonlinearity}"`,
    !bias && "bias=False",
    dropout && `dropout=${dropout}`,
    proj_size && `proj_size=${proj_size}`,
  ].filter(Boolean);

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
  const { kind, call, num_layers, input_size, lengths, batch_first } = options;
  const number = (key) => (asked ? stepper(key, options) : options[key]);
  const flag = (key) => {
    const text = `${key}=${options[key] ? "True" : "False"}`;
    return asked ? tick(key, text, options) : text;
  };
  const joined = (words) => words.map((word) => (asked ? `<span>${word}</span>` : word)).join(", ");
  const name = kind.toLowerCase();
  const words = [
    ...["input_size", "hidden_size"].map(number),
    ...(asked || num_layers > 1 ? [`num_layers=${number("num_layers")}`] : []),
    ...["bidirectional", "batch_first"].filter((key) => asked || options[key]).map(flag),
    ...rarely(options),
  ];
  const axes = call === "unbatched" ? ["seq_len"] : ["seq_len", "batch"];
  if (batch_first) axes.reverse();
  const input = call === "packed"
    ? `nn.utils.rnn.pack_sequence([torch.randn(n, ${input_size}) for n in ${tuple(lengths)}], ` +
      "enforce_sorted=False)"
    : `torch.randn(${joined([...axes.map(number), input_size])})`;
  return [
    `${name} = nn.${kind}(${joined(words)})`,
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

/** Return the options as the module takes them: a projection smaller than hidden_size, if any. */
const effective = (state) => ({
  ...state,
  lengths: lengthsOf(state.lengths),
  proj_size: state.kind === "LSTM" ? Math.min(state.proj_size, state.hidden_size - 1) : 0,
});

/** Return the shapes of a view, each with the axes that the last change moved. */
function seen(state, before) {
  const earlier = before ? Object.values(shapes(effective(before))).flat() : [];
  const marked = (row) => {
    const old = earlier.find(({ name }) => name === row.name) ?? { shape: [], letters: [] };
    const moved = row.shape.map((size, k) => {
      const was = old.letters.indexOf(row.letters[k]);
      const placed = was === k || old.shape.length !== row.shape.length;
      return before && (old.shape[was] !== size || !placed);
    });
    return { ...row, moved };
  };
  const found = shapes(effective(state));
  return { tensors: found.tensors.map(marked), parameters: found.parameters.map(marked) };
}

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
    const near = (key, value) => {
      if (key in MOST) return bound(value, 1, MOST[key]);
      if (key in WORDS) return WORDS[key].includes(value) ? value : WORDS[key][0];
      return typeof shapeCalculator.state[key] === "boolean" ? Boolean(value) : value;
    };
    return {
      ...Object.fromEntries(Object.entries(state).map(([key, value]) => [key, near(key, value)])),
      dropout: Math.min(0.9, Math.max(0, Number(state.dropout) || 0)),
      proj_size: bound(state.proj_size, 0, 63),
      lengths: String(state.lengths),
    };
  },

  controls: () => "",

  more: (data, state, uid) =>
    [
      choice(uid, "kind", "module", WORDS.kind.map((kind) => [kind, `nn.${kind}`]), state),
      choice(uid, "call", "input", WORDS.call.map((call) => [call, call]), state),
      line("lengths", "lengths", { size: 14, length: 60 }, state),
      slider("proj_size", "<code>proj_size</code>", { min: 0, max: 63 }, state),
      tick("bias", "<code>bias</code>", state),
      slider("dropout", "<code>dropout</code>", { min: 0, max: 0.9, step: 0.1 }, state),
      list(
        "nonlinearity",
        "<code>nonlinearity</code>",
        WORDS.nonlinearity.map((f) => [f, f]),
        state,
      ),
    ].join(""),

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
    const found = seen(state);
    const lstm = state.kind === "LSTM";
    const told = ["output", "h_n"].map((name) => {
      const row = found.tensors.find((each) => each.name === name);
      return `<code>${name}</code> is <b>${tuple(row.shape)}</b>`;
    });
    const count = found.parameters.reduce((sum, row) => sum + product(row.shape), 0);
    const most = state.hidden_size - 1;
    const remarks = [
      lstm && state.proj_size > most &&
      `<code>proj_size</code> must be less than <code>hidden_size</code>: ${most} here.`,
      state.dropout && state.num_layers > 1 && "<code>dropout</code> changes no shape.",
      state.dropout && state.num_layers === 1 &&
      "<code>dropout</code> drops between layers: with one it does nothing, and PyTorch warns.",
      state.kind === "RNN" && state.nonlinearity !== "tanh" &&
      "<code>nonlinearity</code> changes no shape.",
      state.call === "packed" && "Packed, the steps of all sequences lie in one flat strip.",
    ].filter(Boolean);
    const last =
      `<code>h_n</code>${lstm ? " and <code>c_n</code> have" : " has"} no edge of time, ` +
      "and <code>batch_first</code> moves nothing there.";
    return `${told.join(", ")}; ${count.toLocaleString("en")} weights. ${
      remarks.join(" ") || last
    }`;
  },

  code(data, state, before) {
    if (unread(state)) return "";
    const found = seen(state, before);
    const rows = [...found.tensors.filter(({ name }) => name.endsWith("_0")), ...found.parameters];
    const told = rows.map(({ name, shape, letters, axes, moved }) => {
      const chips = shape.map((size, k) => {
        const words = letters[k].replaceAll(" * ", " \u00b7 ");
        return chip(letters[k], size, `<i>${words}</i> <small>${axes[k]}</small>`, "", moved[k]);
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
    const rows = seen(state, before).tensors.filter(({ name }) => !name.endsWith("_0"))
      .map((row) => ({ ...row, name: names[row.name] ?? row.name }));
    return callBox(calls(effective(state), true)) +
      layouts((width) => tensorBoxes(rows, width, state.bidirectional, "Tensors as boxes"));
  },
};
