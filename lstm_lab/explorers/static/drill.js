// Questions about shapes: axes are clicked or typed, checked and explained.

import { chip, sidesOf, tensorBoxes, tuple } from "./boxes.js";
import { callBox, calls, shapes } from "./calculator.js";
import { layouts } from "./draw.js";
import { bound, escape, line, setter } from "./kit.js";

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
  };
  return { options, name: from(kind === "LSTM" ? ["output", "h_n", "c_n"] : ["output", "h_n"]) };
}

/** Read a shape as a reader types it, or clicks it with names; null where it is none. */
export function shapeOf(text) {
  const bare = text.trim().replace(/^torch\.Size|[\w*]+=|[([\])]|\.$/g, "");
  const words = bare.split(/[\s,x\u00d7]+/).filter(Boolean);
  return words.length && words.every((word) => /^\d{1,5}$/.test(word)) ? words.map(Number) : null;
}

/** Return the axes of an answer as texts; a size that was typed has no name. */
const axesOf = (answer) => (shapeOf(answer) ? answer.match(/(?:[\w*]+=)?\d+/g) : []);
const named = (axis) => (axis.includes("=") ? axis.split("=") : ["", axis]);

const equal = (a, b) => String(a) === String(b);
const find = (options, name) => shapes(options).tensors.find((row) => row.name === name);

/** Return why an answer is wrong: the known mistake that gives it, else which axes are wrong. */
export function diagnosis({ options, name }, answer) {
  const { batch_first, bidirectional, num_layers, proj_size } = options;
  const { shape, axes } = find(options, name);
  const state = name !== "output";
  const gives = (changes) => equal(find({ ...options, ...changes }, name).shape, answer);
  if (gives({ batch_first: !batch_first })) {
    return batch_first
      ? "With batch_first=True the sequences come first."
      : "Without batch_first=True time comes first.";
  }
  const [first, second, ...rest] = answer;
  if (state && equal(shape, [second, first, ...rest])) {
    return `${name} is never batch-first: its first axis counts layers and directions, whatever ` +
      "batch_first says.";
  }
  if (gives({ bidirectional: !bidirectional })) {
    if (!bidirectional) return "This layer reads in one direction only.";
    return state
      ? "Each layer has two directions, and a row for each."
      : "Two directions stand side by side in output: twice as wide.";
  }
  if (gives({ num_layers: 1 })) {
    return `It has ${num_layers} layers, and ${name} has rows for each of them.`;
  }
  if (gives({ proj_size: 0 })) return `proj_size=${proj_size} makes every hidden state that small.`;
  if (name === "c_n" && proj_size && answer.at(-1) === proj_size) {
    return "The projection maps h; the cell state keeps hidden_size.";
  }
  if (!state && answer.at(-1) === options.input_size && shape.at(-1) !== options.input_size) {
    return "The last axis of output is a hidden state, and has nothing of input_size.";
  }
  const other = shapes(options).tensors.findLast((row) => equal(row.shape, answer));
  if (other) return `That is the shape of ${other.name}.`;
  if (options.call === "unbatched" && answer.length > shape.length) {
    return "The input is one sequence without a batch axis, and so is the result.";
  }
  if (answer.length !== shape.length) return `It has ${shape.length} axes: ${axes.join(", ")}.`;
  const wrong = axes.filter((_, k) => shape[k] !== answer[k]).map((axis) => `"${axis}"`);
  return `Look again at the ${wrong.length > 1 ? "axes" : "axis"} ${wrong.join(" and ")}.`;
}

/** Return the axes to choose from; some are wrong. */
function offered({ call, ...options }) {
  const sizes = { ...options, batch: call === "batched" ? options.batch : 1 };
  const names = ["seq_len", "batch", "input_size", "hidden_size", "num_layers", "proj_size"];
  return names.filter((name) => sizes[name]).flatMap((name) => [
    `${name}=${sizes[name]}`,
    ...(/hidden|layers|proj/.test(name) ? [`2*${name}=${2 * sizes[name]}`] : []),
  ]);
}

/** Return the right box, beside the one that was answered where that is another. */
function compared({ options, name }, checked) {
  const right = find(options, name);
  const shape = shapeOf(checked);
  const alike = shape?.length === right.shape.length;
  const moved = right.shape.map((size, k) => alike && size !== shape[k]);
  const rows = [{ ...right, moved }];
  if (shape && !equal(shape, right.shape) && [2, 3].includes(shape.length)) {
    const letters = axesOf(checked).map((axis, k) =>
      named(axis)[0] || (alike && !moved[k] ? right.letters[k] : "")
    );
    rows.unshift({ name: "yours", letters, shape, moved, sides: alike && sidesOf(right) });
  }
  const title = "The right shape, and yours";
  return layouts((width) => tensorBoxes(rows, width, options.bidirectional, title));
}

export const shapeDrill = {
  title: "Shape drill",
  help: "Click the axes in their order, or type a shape such as 3, 5, 20. Enter checks it.",
  fold: "The answer",
  state: { number: 0, answer: "", checked: "", counted: -1, right: 0, tried: 0, streak: 0 },

  clean: (data, state) => ({ ...state, number: bound(state.number, 0, 1e6) }),

  /** A link to a question keeps the score, unless it brings one; to leave keeps the question too. */
  kept(state, changes) {
    if (!changes) return state;
    const { counted, right, tried, streak } = state;
    return "tried" in changes ? {} : { counted, right, tried, streak };
  },

  walk: (data, state) =>
    line("answer", "shape", { size: 24 }, state) +
    '<button type="submit" class="lab-play">Check</button><button type="button" ' +
    'data-pick="next" data-next>Next question</button>',

  more: (data, state) => setter("checked", "?", "Show the answer", state),

  /** Check what stands in the line; of a question the first answer counts. */
  submit(data, state) {
    const [answer, checked] = [shapeOf(state.answer), state.answer || " "];
    if (!answer || state.counted === state.number) return { checked };
    const { options, name } = question(state.number);
    const right = equal(find(options, name).shape, answer);
    const score = { tried: state.tried + 1, right: state.right + right };
    return { checked, counted: state.number, ...score, streak: right ? state.streak + 1 : 0 };
  },

  pick: (data, state) => ({ number: state.number + 1, answer: "", checked: "" }),

  says(data, { number, checked, right, tried, streak }) {
    const row = streak > 1 ? `, ${streak} in a row` : "";
    const score = `Right at the first try: ${right} of ${tried}${row}.`;
    if (!checked) return `Question ${number + 1}. ${score}`;
    if (!checked.trim()) return "Type a shape first, as in 3, 5, 20.";
    const asked = question(number);
    const { shape, axes } = find(asked.options, asked.name);
    const told = `${tuple(shape)} is ${axes.join(" \u00d7 ")}.`;
    if (checked === "?") return told;
    const answer = shapeOf(checked);
    if (!answer) {
      return `"${escape(checked)}" is not a shape; expected whole numbers, as in 3, 5, 20.`;
    }
    if (equal(shape, answer)) return `<b>Right:</b> ${told} ${score}`;
    return `<b>Not yet:</b> ${diagnosis(asked, answer)} ${score}`;
  },

  display(data, { number, answer, checked }, uid) {
    const asked = question(number);
    const button = (what, axis, then) => {
      const [name, size] = named(axis);
      return chip(name, size, name, {
        type: "button",
        "data-key": "answer",
        value: then.join(", "),
        "aria-label": `${what} ${name || size}`,
      });
    };
    const chosen = axesOf(answer);
    const slots = chosen.map((axis, k) => button("Take away", axis, chosen.toSpliced(k, 1)));
    if (slots.length < 3) slots.push('<span class="lab-chip">?</span>');
    const axes = offered(asked.options).map((axis) => button("Add", axis, [...chosen, axis]));
    return `${callBox(calls(asked.options))}<p>What is the shape of <code>${asked.name}</code>? ` +
      `<a class="lab-one" href="#${uid}:number=${number}">Link to this question</a></p>` +
      `<p class="lab-slots"><code>${asked.name}.shape = (</code>${slots.join("")}` +
      `<code>)</code></p><p class="lab-slots">${axes.join("")}</p>` +
      (checked === "?" || shapeOf(checked) ? compared(asked, checked) : "");
  },
};
