// The state grid: an unrolled stack in which every state is seen, and which of them are returned.
//
// At the end of a walk through time frames show what output, h_n and c_n hold; the rest fades.

import {
  bars,
  box,
  button,
  FLOW,
  frame,
  layouts,
  mono,
  picture,
  range,
  soft,
  tag,
  text,
  tile,
  wire,
} from "./draw.js";
import {
  bound,
  choice,
  copied,
  escape,
  once,
  playButton,
  setter,
  shown,
  slider,
  tick,
  withEntry,
} from "./kit.js";
import { run } from "./recurrent.js";

const NAMES = { h: "hidden state", c: "cell state" };
const WAYS = ["forward", "backward"];
const listed = (values) => values.map((value) => shown(value)).join(", ");

/** Return what is shown: the network, its results, and their measures. */
function seen(data, state) {
  const { layers, directions, steps, padded } = state;
  const made = once(data, [layers, directions, steps, padded], () => computed(data, state));
  return { ...state, clock: state.clock < 0 ? Infinity : state.clock, ...made };
}

function computed(data, state) {
  const both = state.directions === 2;
  const network = data.networks.find((each) =>
    each.num_layers === state.layers && each.bidirectional === both
  );
  const batch = data.x.map((sequence) => sequence.slice(0, state.steps));
  const packed = state.padded && state.steps > data.shorter;
  const lengths = batch.map((_, k) => state.steps - (packed && k === 1 ? data.shorter : 0));
  const width = network.proj_size || network.hidden_size;
  const lstm = network.kind === "LSTM";
  const states = lstm ? ["h", "c"] : ["h"];
  const result = run(network, batch, { lengths });
  const largest = (values) => Math.max(0.05, ...values.flat().map(Math.abs));
  const all = (quantity) => result.trace.flat(3).map((record) => record[quantity]);
  return {
    ...result,
    network,
    lstm,
    both,
    name: data.name,
    own: network === data.networks[0],
    batch,
    lengths,
    packed,
    most: data.x[0].length,
    width,
    states,
    sizes: { h: width, c: network.hidden_size },
    limits: {
      ...Object.fromEntries(states.map((quantity) => [quantity, largest(all(quantity))])),
      input: largest(batch.flat()),
    },
  };
}

/** Return when a state is computed: an upper layer of two directions waits for the lower one. */
function moment(view, layer, direction, example, step) {
  if (!view.both) return step;
  return layer * view.steps + (direction ? view.lengths[example] - 1 - step : step);
}

const momentsOf = (state) => state.steps * (state.directions === 2 ? state.layers : 1);
const rowOf = (view, { layer, direction }) => layer * view.directions + direction;

/** Return whether a place is a direction's last step. */
const isLast = (view, { direction, example, step }) =>
  step === (direction ? 0 : view.lengths[example] - 1);

/** Return which tensors hold a vector. */
const holders = (view, place) => [
  ...(place.quantity === "h" && place.layer === view.layers - 1 ? ["output"] : []),
  ...(isLast(view, place) ? [`${place.quantity}_n`] : []),
];

/** Return whether a wish asks for a vector. */
function wanted(view, place) {
  const held = holders(view, place);
  if (view.quantity) {
    return ["quantity", "layer", "direction", "step"].every((key) => view[key] === place[key]);
  }
  return {
    output: held.includes("output"),
    h_n: held.includes("h_n"),
    c_n: held.includes("c_n"),
    one: held.includes("h_n") && place.layer === view.layers - 1,
    later: held.includes("h_n") || held.includes("c_n"),
  }[view.want];
}

/** Return which features of `output` a direction has. */
const halfOf = ({ width }, direction) => (direction ? `${width}:` : `:${width}`);

/** Return the Python that reads a number, and the vector that it is in, from what was returned. */
function expressions(view) {
  const { quantity, layer, direction, example, step, unit } = view;
  const found = [];
  const held = holders(view, view);
  if (held.includes("output")) {
    const t = step === view.steps - 1 ? -1 : step;
    const index = view.batch_first ? `${example}, ${t}` : `${t}, ${example}`;
    const half = view.both ? `, ${halfOf(view, direction)}` : "";
    found.push(`output[${index}, ${direction * view.width + unit}]`, `output[${index}${half}]`);
  }
  if (isLast(view, view)) {
    const row = `${quantity}_n[${rowOf(view, view)}, ${example}`;
    found.push(`${row}, ${unit}]`, `${row}]`);
  }
  if (!found.length) {
    const index = [layer, direction, example, step].join(", ");
    found.push(`traced.${quantity}[${index}, ${unit}]`, `traced.${quantity}[${index}]`);
  }
  return found;
}

/** Return the lines of Python that come before an expression. */
function calls(view, returned) {
  const { kind, input_size, hidden_size, proj_size } = view.network;
  const first = view.batch_first ? ", batch_first=True" : "";
  // A stack that the reader chose here is none of his own.
  const projection = proj_size ? `, proj_size=${proj_size}` : "";
  const options = `num_layers=${view.layers}${projection}${first}`;
  const both = view.both ? ", bidirectional=True" : "";
  const [rnn, x] = ["nn.utils.rnn", view.packed ? "packed" : "x"];
  const lengths = view.lengths.join(", ");
  return [
    !returned && "from lstm_lab import trace",
    !view.own && `${view.name} = nn.${kind}(${input_size}, ${hidden_size}, ${options}${both})`,
    view.steps < view.most && `x = x[:${view.batch_first ? ", :" : ""}${view.steps}]`,
    view.packed &&
    `packed = ${rnn}.pack_padded_sequence(x, [${lengths}]${first}, enforce_sorted=False)`,
    returned
      ? `output, ${view.lstm ? "(h_n, c_n)" : "h_n"} = ${view.name}(${x})`
      : `traced = trace(${view.name}, ${x})`,
    returned && view.packed && `output, _ = ${rnn}.pad_packed_sequence(output${first})`,
  ].filter(Boolean);
}

const wayInWords = (view, direction) => (view.both ? `, ${WAYS[direction]}` : "");

/** Return the lanes of one layer from above, h over c, the backward direction over the other. */
const lanesOf = (view) =>
  [1, 0].slice(2 - view.directions).flatMap((way) =>
    view.states.map((quantity) => [quantity, way])
  );

/** Return where everything stands. */
function layoutOf(view, width) {
  const narrow = width < 500;
  const { both } = view;
  const lanes = lanesOf(view);
  const count = lanes.length * view.layers;
  const units = Math.max(...Object.values(view.sizes));
  const space = (narrow ? 290 : 325) - 20 * (view.layers - 1) * view.directions;
  const row = Math.max(5.5, Math.min(narrow ? 10 : 15, (space / count - 5) / units));
  const left = both ? (narrow ? 52 : 100) : (narrow ? 34 : 84);
  const right = narrow ? 52 : 92;
  const column = Math.max(26, (width - left - right) / view.steps);
  const gutter = Math.min(26, Math.max(8, column * (column < 95 ? 0.26 : 0.18)));
  const tile = { width: Math.min(112, column - gutter), height: units * row + 4 };
  const [pad, gap] = [narrow ? 3 : 5, 5];
  const cell = lanes.length / view.directions * (tile.height + gap) - gap + 2 * pad;
  // Above each band that output holds there is room for its name.
  const between = (level) => (both ? (level === view.layers - 1 ? 28 : 5) : 0);
  const layer = (level) => view.directions * cell + between(level);
  const rise = narrow ? 20 : 24;
  const tops = range(view.layers).map(() => 30);
  for (let level = view.layers - 2; level >= 0; level--) {
    tops[level] = tops[level + 1] + layer(level + 1) + rise;
  }
  const laneTop = (level, k) =>
    tops[level] + pad + Math.floor(k / view.states.length) * (cell + between(level)) +
    (k % view.states.length) * (tile.height + gap);
  const bottom = tops[0] + layer(0) + rise;
  const inputs = view.network.input_size;
  const inputRow = Math.min(row, 60 / inputs);
  return {
    narrow,
    lanes,
    row,
    inputRow,
    tile,
    pad,
    cell,
    between,
    layer,
    left,
    column,
    laneTop,
    bottom,
    width: Math.max(width, left + right + view.steps * column),
    end: left + view.steps * column,
    inputHeight: inputs * inputRow + 4,
    x: (step) => left + step * column + (column - tile.width) / 2,
    // Numbers stand where they can be read.
    numbers: !narrow && row >= 11 && tile.width >= 80,
  };
}

/** Return one vector of states as a button. */
function stateTile(view, at, lane, level, step) {
  const [quantity, direction] = at.lanes[lane];
  const { example, unit } = view;
  const place = { quantity, layer: level, direction, example, step };
  const { row, tile: { width, height } } = at;
  const [x, y] = [at.x(step), at.laneTop(level, lane)];
  if (step >= view.lengths[example]) {
    const tip = "padding: packed, the layer never reads it";
    return box(x, y, width, height, "lab-padding", { "data-tip": tip });
  }
  const later = moment(view, level, direction, example, step) > view.clock;
  const values = view.trace[level][direction][example][step][quantity];
  const held = holders(view, place);
  const asked = view.want || view.quantity ? wanted(view, place) : held.length;
  const now = view.quantity && asked;
  const name = `${NAMES[quantity]} of layer ${level}${wayInWords(view, direction)}, step ${step}`;
  const where = held.length ? `in ${held.join(" and ")}` : "not returned";
  const rows = values.map((_, k) => {
    const kind = now && k === unit ? "lab-part lab-now" : "lab-part";
    return box(x, y + 2 + k * row, width, row, kind, { "data-part": k });
  });
  const style = { x, y: y + 2, width, row, limit: view.limits[quantity], numbers: at.numbers };
  const inside = box(x, y, width, height) +
    bars(quantity, later ? values.map(() => undefined) : values, style) +
    (later ? "" : rows.join(""));
  const told = `${name}: ${later ? "not computed yet" : listed(values)}`;
  const id = [quantity, level, direction, step].join("-");
  return button(id, now && id, told, inside, {
    class: `lab-tile${now ? " lab-now" : ""}${asked || view.clock < Infinity ? "" : " lab-lost"}`,
    "data-row": (view.layers - 1 - level) * at.lanes.length + lane,
    "data-column": step,
    "data-tip": `${name}: ${later ? "not computed yet" : where}`,
  });
}

/** Return the wires of one lane: what a step hands to the next, beginning with zeros. */
function rails(view, at, lane, level) {
  const [quantity, direction] = at.lanes[lane];
  const length = view.lengths[view.example];
  const y = at.laneTop(level, lane) + at.tile.height / 2;
  const edge = (step) => [at.x(step) - at.pad, at.x(step) + at.tile.width + at.pad];
  const pieces = range(length + 1).map((k) => {
    const from = k ? edge(k - 1)[1] : at.left - 6;
    const to = k < length ? edge(k)[0] : at.end + 6; // past padding, nothing is done
    const ends = direction ? [[to, y], [from, y]] : [[from, y], [to, y]];
    const given = direction ? k : k - 1; // the step that hands on
    const first = direction ? k === length : k === 0;
    const on = first || moment(view, level, direction, view.example, given) <= view.clock;
    const kind = on ? (first ? "lab-first" : "") : "lab-later";
    return wire(quantity, ends, { ...FLOW[quantity], kind });
  });
  const zero = direction ? soft(at.end + 9, y + 4, "0") : soft(at.left - 9, y + 4, "0", "end");
  return pieces.join("") + zero;
}

/** Return the frames around what is returned, with their names. */
function frames(view, at) {
  const done = view.clock === Infinity ? " lab-shown" : "";
  const held = view.quantity ? holders(view, view) : [];
  const dim = (chosen, tensor, ...others) => {
    const kept = view.quantity
      ? chosen && held.includes(tensor)
      : !view.want || [tensor, ...others].includes(view.want);
    return kept ? "" : " lab-dim";
  };
  const top = view.layers - 1;
  const sizes = [view.batch.length, view.steps];
  if (!view.batch_first) sizes.reverse();
  const shape = `(${[...sizes, view.directions * view.width].join(", ")})`;
  const found = at.lanes.flatMap(([quantity, direction], lane) => {
    if (quantity !== "h") return [];
    const [x, y] = [at.x(0) - 4, at.laneTop(top, lane) - 4];
    const half = `[..., ${halfOf(view, direction)}] of ${shape}`;
    const words = view.both
      ? (at.narrow ? half : `${half}, ${WAYS[direction]}`)
      : (at.narrow ? shape : `the top layer at every step, ${shape}`);
    const kind = `${done}${dim(direction === view.direction, "output")}`;
    const width = at.x(view.steps - 1) + at.tile.width + 4 - x;
    const around = { x, y, width, height: at.tile.height + 8 };
    return [
      frame("output", around, { label: "output", kind: `lab-whole${kind}` }),
      text(x + 72, y - 7, words, { kind: `lab-soft lab-told${kind}` }),
    ];
  });
  for (let level = 0; level < view.layers; level++) {
    at.lanes.forEach(([quantity, direction], lane) => {
      const step = direction ? 0 : view.lengths[view.example] - 1;
      const returned = quantity === "h" && level === top;
      const inset = returned ? 1 : -2;
      const chosen = level === view.layer && direction === view.direction;
      const one = returned ? "one" : "";
      const kind = `${done}${dim(chosen, `${quantity}_n`, "later", one)}`;
      const laneY = at.laneTop(level, lane);
      found.push(frame(quantity, {
        x: at.x(step) + inset,
        y: laneY + inset,
        width: at.tile.width - 2 * inset,
        height: at.tile.height - 2 * inset,
      }, { dashed: true, kind }));
      const label = `${quantity}_n[${rowOf(view, { layer: level, direction })}]`;
      const [x, anchor] = direction ? [at.left - 10, "end"] : [at.end + 10, ""];
      const style = { anchor, quantity, kind: `lab-code lab-told${kind}` };
      found.push(text(x, laneY + at.tile.height / 2 + 4.5, label, style));
    });
  }
  return found;
}

/** Return the unrolled stack as a picture. */
function unrolled(view, width) {
  const at = layoutOf(view, width);
  const steps = range(view.steps);
  const length = view.lengths[view.example];
  const [parts, wires, cells, tiles] = [[], [], [], []];
  for (const level of range(view.layers)) {
    const levelTop = at.laneTop(level, 0) - at.pad;
    const middle = levelTop + at.layer(level) / 2;
    const turned = { kind: "lab-soft", anchor: "middle", transform: `rotate(-90 10 ${middle})` };
    const name = `layer ${level}`;
    parts.push(at.narrow ? text(10, middle, name, turned) : soft(0, middle + 4, name));
    for (const step of range(length)) {
      for (const way of range(view.directions)) {
        const y = levelTop + way * (at.cell + at.between(level));
        cells.push(box(at.x(step) - at.pad, y, at.tile.width + 2 * at.pad, at.cell, "lab-cell"));
      }
      const x = at.x(step) + at.tile.width / 2;
      const from = level ? at.laneTop(level - 1, 0) - at.pad : at.bottom;
      const below = (way) => moment(view, level - 1, way, view.example, step) <= view.clock;
      const ready = level === 0 || range(view.directions).every(below);
      const style = { arrow: 4.5, width: level ? 2 : 1.5, kind: ready ? "" : "lab-later" };
      const ends = [[x, from], [x, levelTop + at.layer(level) + 1]];
      wires.push(wire(level ? "h" : "input", ends, style));
    }
    at.lanes.forEach((_, lane) => {
      wires.push(rails(view, at, lane, level));
      for (const step of steps) tiles.push(stateTile(view, at, lane, level, step));
    });
  }
  const inputs = steps.map((step) => {
    const values = view.batch[view.example][step];
    const [x, y, width] = [at.x(step), at.bottom, at.tile.width];
    const [row, limit] = [at.inputRow, view.limits.input];
    const drawn = step < length
      ? tile("input", values, { x, y: y + 2, width, row, limit, numbers: at.numbers && row >= 11 })
      : box(x, y, width, at.inputHeight, "lab-padding");
    return tag("g", { "data-tip": `input of step ${step}: ${listed(values)}` }, drawn) +
      soft(x + width / 2, y + at.inputHeight + 14, step, "middle");
  });
  parts.push(
    mono(at.left - 9, at.bottom + at.inputHeight / 2 + 4, "x", "input", "end"),
    soft(at.left - 9, at.bottom + at.inputHeight + 14, "step", "end"),
    ...inputs,
    ...wires,
    ...cells,
    ...tiles,
    ...frames(view, at),
  );
  const stack = `${view.network.kind} of ${view.layers} layer${view.layers > 1 ? "s" : ""}`;
  const ways = view.both ? " and two directions" : "";
  const title = `${stack}${ways}, unrolled over ${view.steps} steps; arrow keys move`;
  return picture(at.width, at.bottom + at.inputHeight + 20, parts, { title, group: true });
}

/** Return how many numbers are computed for a sequence, returned, and returned twice. */
function counts(view) {
  const { example, layers, lengths, sizes } = view;
  let [all, back, twice] = [0, 0, 0];
  for (const layer of range(layers)) {
    for (const [quantity, direction] of lanesOf(view)) {
      for (const step of range(lengths[example])) {
        const held = holders(view, { quantity, layer, direction, example, step }).length;
        all += sizes[quantity];
        back += held ? sizes[quantity] : 0;
        twice += held === 2 ? sizes[quantity] : 0;
      }
    }
  }
  return { all, back, twice };
}

/** Return the readings that a newcomer asks for: a key, the wish in words, the tensor, its colour. */
function wishes({ lstm, both }) {
  const later = both ? "to start a decoder" : "to go on later";
  return [
    ["output", "a result at every step", "output", "output"],
    ["one", "one result per sequence", both ? "h_n[-2], h_n[-1]" : "h_n[-1]", "h"],
    lstm ? ["later", later, "(h_n, c_n)", "c"] : ["later", later, "h_n", "h"],
  ];
}

/** Say what a wish gets. */
function told({ both, lstm, want }) {
  const rows = both
    ? "of each direction's own end, a row for each layer and direction"
    : "of the last step, a row for each layer";
  return {
    output: "<code>output</code> holds the hidden state of the top layer at every step: " +
      "for a label at each step, for pooling, for attention.",
    h_n: `<code>h_n</code> holds the hidden state ${rows}.`,
    c_n: `<code>c_n</code> holds the cell state ${rows}; no <code>output</code> contains it.`,
    one: both
      ? "<code>h_n[-2]</code> has read to the right, <code>h_n[-1]</code> to the left: join them " +
        "with <code>torch.cat([h_n[-2], h_n[-1]], dim=-1)</code>. <code>output[:, -1]</code> " +
        "would hold the backward state after a single step."
      : "<code>h_n[-1]</code> is the top layer's last hidden state: for a class or a number per " +
        "sequence. With padding, pack first.",
    later: both
      ? "Both, of every layer and direction, start a decoder. A layer of two directions cannot " +
        "itself go on later: its backward half has begun at the end."
      : `Pass ${lstm ? "both" : "it"} to the next call, and the layer goes on as if it had never ` +
        "stopped.",
  }[want];
}

export const stateGrid = {
  title: "Every state of the layer, and where it is returned",
  help: "Choose a box to learn what it is, or a row of it; arrow keys move.",
  quiet: true,
  pace: 900,
  fold: "Sequence, padding, code",
  state: {
    layers: 1,
    directions: 1,
    steps: 4,
    example: 0,
    padded: false,
    batch_first: true,
    want: "",
    quantity: "",
    layer: 0,
    direction: 0,
    step: 3,
    unit: 0,
    clock: -1,
  },

  clean(data, state) {
    const depths = data.networks.map((each) => each.num_layers);
    const layers = depths.includes(state.layers) ? state.layers : depths[0];
    const deep = data.networks.filter((each) => each.num_layers === layers);
    const network = deep.find((each) => 1 + each.bidirectional === state.directions) ?? deep[0];
    const directions = 1 + network.bidirectional;
    const lstm = network.kind === "LSTM";
    const steps = bound(state.steps, 1, data.x[0].length);
    const padded = Boolean(state.padded) && data.x.length > 1;
    const example = bound(state.example, 0, data.x.length - 1);
    const quantity = (lstm ? ["h", "c"] : ["h"]).includes(state.quantity) ? state.quantity : "";
    const size = quantity !== "c" && network.proj_size ? network.proj_size : network.hidden_size;
    const length = steps - (padded && steps > data.shorter && example === 1 ? data.shorter : 0);
    const all = momentsOf({ steps, layers, directions });
    const known = ["output", "h_n", "one", "later", ...(lstm ? ["c_n"] : [])];
    return {
      layers,
      directions,
      steps,
      example,
      padded,
      batch_first: Boolean(state.batch_first),
      want: !quantity && known.includes(state.want) ? state.want : "",
      quantity,
      layer: bound(state.layer, 0, layers - 1),
      direction: bound(state.direction, 0, directions - 1),
      step: bound(state.step, 0, length - 1),
      unit: bound(state.unit, 0, size - 1),
      clock: state.clock >= all - 1 || state.clock < 0 ? -1 : bound(state.clock, 0, all - 1),
    };
  },

  walk(data, state, uid) {
    const several = (values) => [...new Set(values)].sort();
    const depths = several(data.networks.map((each) => each.num_layers));
    const ways = several(data.networks.map((each) => 1 + each.bidirectional));
    const [max, clock] = [momentsOf(state) - 1, stateGrid.now(data, state)];
    return playButton() +
      (max ? slider("clock", "time", { min: 0, max }, { clock }) : "") +
      (depths.length > 1 ? choice(uid, "layers", "layers", depths, state) : "") +
      (ways.length > 1 ? choice(uid, "directions", "directions", ways, state) : "");
  },

  more(data, state, uid) {
    const most = data.x[0].length;
    const units = range(data.networks[0].hidden_size);
    const several = data.x.length > 1;
    const shorter = `${data.shorter} step${data.shorter === 1 ? "" : "s"} shorter, packed`;
    return (several ? choice(uid, "example", "sequence", range(data.x.length), state) : "") +
      (most > 1 ? slider("steps", "steps", { min: 1, max: most }, state) : "") +
      (several && most > data.shorter ? tick("padded", `sequence 1 is ${shorter}`, state) : "") +
      tick("batch_first", "<code>batch_first=True</code>", state) +
      choice(uid, "unit", "unit of the chosen state", units, state);
  },

  settled: { clock: -1 },

  value: (data, state, key) => key === "clock" ? stateGrid.now(data, state) : undefined,

  /** Switch off what so few steps, or no choice, do not allow. */
  sync(form, data, state) {
    const box = form.querySelector('[data-key="padded"]');
    if (box) box.disabled = state.steps <= data.shorter;
    const clock = form.querySelector('[data-key="clock"]');
    if (clock) clock.max = momentsOf(state) - 1;
    for (const unit of form.querySelectorAll('[data-key="unit"]')) unit.disabled = !state.quantity;
  },

  /** Let the choice go along with the top layer and with the last step. */
  typed(data, state, name, control) {
    const value = Number(control.value);
    const along = { layers: "layer", steps: "step" }[name];
    if (along) {
      const last = state[along] === state[name] - 1;
      return { [name]: value, [along]: last ? value - 1 : state[along] };
    }
    if (name === "clock") return { clock: value, want: "", quantity: "" };
    if (name === "want") {
      return { want: state.want === control.value ? "" : control.value, quantity: "" };
    }
    return null;
  },

  pick(data, state, name, part) {
    const [quantity, ...rest] = name.split("-");
    const [layer, direction, step] = rest.map(Number);
    const unit = part === undefined ? state.unit : Number(part);
    const place = { quantity, layer, direction, step, unit };
    const again = Object.entries(place).every(([key, value]) => state[key] === value);
    return again && part !== undefined ? { quantity: "" } : { ...place, want: "" };
  },

  steps: (data, state) => momentsOf(state),
  now: (data, state) => (state.clock < 0 ? momentsOf(state) - 1 : state.clock),
  at: (data, state, clock) => ({ clock, want: "", quantity: "" }),

  says(data, state) {
    const view = seen(data, state);
    if (view.clock < Infinity) {
      if (!view.both) {
        const own = view.states.map((each) => `<b class="q-${each}">${each}</b>`).join(" and ");
        return `Step ${view.clock}: each layer reads what comes from below, and its own ${own} ` +
          "from the left.";
      }
      const level = Math.floor(view.clock / view.steps);
      return `Layer ${level}: one direction goes on to the right, the other to the left${
        level ? ", over what both left below" : ""
      }.`;
    }
    if (view.want) return told(view);
    if (!view.quantity) {
      const { all, back, twice } = counts(view);
      const many = view.batch.length > 1 ? " for this sequence" : "";
      return `<b>${all} numbers</b> were computed${many}. <b>${back}</b> come back, ${twice} of ` +
        `them twice. <b>${all - back}</b> are gone when the call returns.`;
    }
    const { quantity, layer, direction, example, step, unit } = view;
    const which = view.batch.length > 1 ? `, sequence ${example}` : "";
    const place = `layer ${layer}${wayInWords(view, direction)}${which}, step ${step}`;
    const value = view.trace[layer][direction][example][step][quantity][unit];
    const held = expressions(view).filter((_, k) => k % 2 === 0);
    const where = held[0].startsWith("traced")
      ? "The call returns it nowhere."
      : `It is ${held.map((each) => `<code>${each}</code>`).join(" and ")}.`;
    return `<b>${shown(value)}</b> is unit ${unit} of the ${NAMES[quantity]} ` +
      `<b class="q-${quantity}">${quantity}</b> of ${place}. ${where}`;
  },

  code(data, state) {
    const view = seen(data, state);
    const found = view.quantity ? expressions(view) : [];
    const lines = [...calls(view, !found[0]?.startsWith("traced")), ...found];
    return `<ul aria-label="Python that reads it">${lines.map(copied).join("")}</ul>`;
  },

  display(data, state) {
    const view = seen(data, state);
    const word = (key, quantity) => setter("want", key, key, state, `lab-word q-${quantity}`);
    const h_n = word("h_n", "h");
    const states = view.lstm ? `(${h_n}, ${word("c_n", "c")})` : h_n;
    const cards = wishes(view).map(([key, wish, tensor, quantity]) => {
      const words = `<span>${wish}</span> <code>${tensor}</code>`;
      return setter("want", key, words, state, `lab-card q-${quantity}`);
    });
    const drawn = layouts((width) =>
      `<div class="lab-scroll" data-panel>${withEntry(unrolled(view, width))}</div>`
    );
    return `<p class="lab-call">${word("output", "output")}, ${states} = ${escape(view.name)}(x)` +
      `</p>${drawn}<div class="lab-cards" role="group" aria-label="I want">${cards.join("")}</div>`;
  },
};
