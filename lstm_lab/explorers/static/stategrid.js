// The state grid: an unrolled stack in which every state is seen, and which of them are returned.
//
// At the end of a walk through time frames show what output, h_n and c_n hold; the rest fades.

import { bars, box, frame, layouts, mono, picture, range, soft, tag, text, wire } from "./draw.js";
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

/** Return what is shown: the network, its results, and their measures. */
function seen(data, state) {
  const { layers, directions, steps, padded } = state;
  const clock = state.clock < 0 ? Infinity : state.clock;
  return {
    ...state,
    clock,
    ...once(data, [layers, directions, steps, padded], () => computed(data, state)),
  };
}

function computed(data, state) {
  const network = data.networks.find((each) => (
    each.num_layers === state.layers && each.bidirectional === (state.directions === 2)
  ));
  const batch = data.x.map((sequence) => sequence.slice(0, state.steps));
  const packed = state.padded && state.steps > data.shorter;
  const lengths = batch.map((_, k) => state.steps - (packed && k === 1 ? data.shorter : 0));
  const width = network.proj_size || network.hidden_size;
  const states = network.kind === "LSTM" ? ["h", "c"] : ["h"];
  const result = run(network, batch, { lengths });
  const records = result.trace.flat(3);
  const largest = (quantity) =>
    Math.max(0.05, ...records.flatMap((record) => record[quantity].map(Math.abs)));
  return {
    ...result,
    network,
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
      ...Object.fromEntries(states.map((quantity) => [quantity, largest(quantity)])),
      input: Math.max(0.05, ...batch.flat(2).map(Math.abs)),
    },
  };
}

/** Return when a state is computed: an upper layer of two directions waits for the lower one. */
function moment(view, layer, direction, example, step) {
  if (view.directions === 1) return step;
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

/** Return the Python that reads a number, and the vector that it is in, from what was returned. */
function expressions(view) {
  const { quantity, layer, direction, example, step, unit } = view;
  const found = [];
  const held = holders(view, view);
  if (held.includes("output")) {
    const t = step === view.steps - 1 ? -1 : step;
    const index = view.batch_first ? `${example}, ${t}` : `${t}, ${example}`;
    const half = {
      "1-0": "",
      "2-0": `, :${view.width}`,
      "2-1": `, ${view.width}:`,
    }[`${view.directions}-${direction}`];
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
  const made = view.own ? [] : [
    `${view.name} = nn.${kind}(${input_size}, ${hidden_size}, num_layers=${view.layers}${
      proj_size ? `, proj_size=${proj_size}` : ""
    }${first}${view.directions === 2 ? ", bidirectional=True" : ""})`,
  ];
  const cut = view.steps < view.most
    ? [`x = x[:${view.batch_first ? ", :" : ""}${view.steps}]`]
    : [];
  const results = `output, ${kind === "LSTM" ? "(h_n, c_n)" : "h_n"}`;
  const [rnn, x] = ["nn.utils.rnn", view.packed ? "packed" : "x"];
  const lengths = view.lengths.join(", ");
  const packs = view.packed
    ? [`packed = ${rnn}.pack_padded_sequence(x, [${lengths}]${first}, enforce_sorted=False)`]
    : [];
  const before = [...made, ...cut, ...packs];
  if (!returned) {
    return ["from lstm_lab import trace", ...before, `traced = trace(${view.name}, ${x})`];
  }
  const unpacks = view.packed ? [`output, _ = ${rnn}.pad_packed_sequence(output${first})`] : [];
  return [...before, `${results} = ${view.name}(${x})`, ...unpacks];
}

const wayInWords = (view, direction) => (view.directions === 2 ? `, ${WAYS[direction]}` : "");

/** Return the lanes of one layer from above, h over c, the backward direction over the other. */
const lanesOf = (view) =>
  [1, 0].slice(2 - view.directions).flatMap((way) =>
    view.states.map((quantity) => [quantity, way])
  );

/** Return where everything stands. */
function layoutOf(view, width) {
  const narrow = width < 500;
  const lanes = lanesOf(view);
  const count = lanes.length * view.layers;
  const units = Math.max(...Object.values(view.sizes));
  const space = (narrow ? 290 : 325) - 20 * (view.layers - 1) * view.directions;
  const row = Math.max(5.5, Math.min(narrow ? 10 : 15, (space / count - 5) / units));
  const both = view.directions === 2;
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
  const { width, height } = at.tile;
  const [x, y] = [at.x(step), at.laneTop(level, lane)];
  if (step >= view.lengths[example]) {
    const tip = "padding: packed, the layer never reads it";
    return box(x, y, width, height, "lab-padding", { "data-tip": tip });
  }
  const later = moment(view, level, direction, example, step) > view.clock;
  const values = view.trace[level][direction][example][step][quantity];
  const held = holders(view, place);
  const asked = view.want || view.quantity ? wanted(view, place) : held.length;
  const now = Boolean(view.quantity && asked);
  const name = `${NAMES[quantity]} of layer ${level}${wayInWords(view, direction)}, step ${step}`;
  const where = held.length ? `in ${held.join(" and ")}` : "not returned";
  const rows = values.map((_, k) =>
    box(x, y + 2 + k * at.row, width, at.row, now && k === unit ? "lab-part lab-now" : "lab-part", {
      "data-part": k,
    })
  );
  return tag(
    "g",
    {
      class: `lab-tile${now ? " lab-now" : ""}${asked || view.clock < Infinity ? "" : " lab-lost"}`,
      role: "button",
      tabindex: now ? "0" : "-1",
      "data-pick": [quantity, level, direction, step].join("-"),
      "data-row": (view.layers - 1 - level) * at.lanes.length + lane,
      "data-column": step,
      "aria-pressed": String(now),
      "data-tip": `${name}: ${later ? "not computed yet" : where}`,
      "aria-label": `${name}: ${
        later ? "not computed yet" : values.map((v) => shown(v)).join(", ")
      }`,
    },
    box(x, y, width, height) +
      bars(quantity, later ? values.map(() => undefined) : values, {
        x,
        y: y + 2,
        width,
        row: at.row,
        limit: view.limits[quantity],
        numbers: at.numbers,
      }) + (later ? "" : rows.join("")),
  );
}

/** Return the wires of one lane: what a step hands to the next, beginning with zeros. */
function rails(view, at, lane, level) {
  const [quantity, direction] = at.lanes[lane];
  const length = view.lengths[view.example];
  const y = at.laneTop(level, lane) + at.tile.height / 2;
  const [width, arrow] = quantity === "c" ? [5, 6] : [2, 4.5];
  const edge = (step) => [at.x(step) - at.pad, at.x(step) + at.tile.width + at.pad];
  const pieces = range(length + 1).map((k) => {
    const from = k ? edge(k - 1)[1] : at.left - 6;
    const to = k < length ? edge(k)[0] : at.end + 6; // past padding, nothing is done
    const ends = direction ? [[to, y], [from, y]] : [[from, y], [to, y]];
    const given = direction ? k : k - 1; // the step that hands on
    const first = direction ? k === length : k === 0;
    const on = first || moment(view, level, direction, view.example, given) <= view.clock;
    return wire(quantity, ends, {
      width,
      arrow,
      kind: on ? (first ? "lab-first" : "") : "lab-later",
    });
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
  const features = view.directions * view.width;
  const sizes = view.batch_first
    ? [view.batch.length, view.steps]
    : [view.steps, view.batch.length];
  const shape = `(${[...sizes, features].join(", ")})`;
  const found = at.lanes.flatMap(([quantity, direction], lane) => {
    if (quantity !== "h") return [];
    const [x, y] = [at.x(0) - 4, at.laneTop(top, lane) - 4];
    const half = view.directions === 1
      ? (at.narrow ? shape : `the top layer at every step, ${shape}`)
      : `[..., ${direction ? `${view.width}:` : `:${view.width}`}] of ${shape}${
        at.narrow ? "" : `, ${WAYS[direction]}`
      }`;
    const kind = `${done}${dim(direction === view.direction, "output")}`;
    return [
      frame("output", {
        x,
        y,
        width: at.x(view.steps - 1) + at.tile.width + 4 - x,
        height: at.tile.height + 8,
      }, { label: "output", kind: `lab-whole${kind}` }),
      text(x + 72, y - 7, half, { kind: `lab-soft lab-told${kind}` }),
    ];
  });
  for (let level = 0; level < view.layers; level++) {
    at.lanes.forEach(([quantity, direction], lane) => {
      const step = direction ? 0 : view.lengths[view.example] - 1;
      const inset = quantity === "h" && level === top ? 1 : -2;
      const place = { layer: level, direction };
      const chosen = level === view.layer && direction === view.direction;
      const one = quantity === "h" && level === top ? "one" : "";
      const kind = `${done}${dim(chosen, `${quantity}_n`, "later", one)}`;
      const laneY = at.laneTop(level, lane);
      found.push(frame(quantity, {
        x: at.x(step) + inset,
        y: laneY + inset,
        width: at.tile.width - 2 * inset,
        height: at.tile.height - 2 * inset,
      }, { dashed: true, kind }));
      const label = `${quantity}_n[${rowOf(view, place)}]`;
      const [x, anchor] = direction ? [at.left - 10, "end"] : [at.end + 10, ""];
      found.push(text(x, laneY + at.tile.height / 2 + 4.5, label, {
        anchor,
        quantity,
        kind: `lab-code lab-told${kind}`,
      }));
    });
  }
  return found;
}

/** Return the unrolled stack as a picture. */
function unrolled(view, width) {
  const at = layoutOf(view, width);
  const parts = [];
  const steps = range(view.steps);
  const length = view.lengths[view.example];
  const paths = { wires: [], cells: [], tiles: [] };
  for (const level of range(view.layers)) {
    const levelTop = at.laneTop(level, 0) - at.pad;
    const middle = levelTop + at.layer(level) / 2;
    parts.push(
      at.narrow
        ? text(10, middle, `layer ${level}`, {
          kind: "lab-soft",
          anchor: "middle",
          transform: `rotate(-90 10 ${middle})`,
        })
        : soft(0, middle + 4, `layer ${level}`),
    );
    for (const step of range(length)) {
      for (const way of range(view.directions)) {
        const y = levelTop + way * (at.cell + at.between(level));
        paths.cells.push(
          box(at.x(step) - at.pad, y, at.tile.width + 2 * at.pad, at.cell, "lab-cell"),
        );
      }
      const x = at.x(step) + at.tile.width / 2;
      const from = level ? at.laneTop(level - 1, 0) - at.pad : at.bottom;
      const below = (way) => moment(view, level - 1, way, view.example, step) <= view.clock;
      const ready = level === 0 || range(view.directions).every(below);
      paths.wires.push(
        wire(level ? "h" : "input", [[x, from], [x, levelTop + at.layer(level) + 1]], {
          arrow: 4.5,
          width: level ? 2 : 1.5,
          kind: ready ? "" : "lab-later",
        }),
      );
    }
    at.lanes.forEach((_, lane) => {
      paths.wires.push(rails(view, at, lane, level));
      for (const step of steps) paths.tiles.push(stateTile(view, at, lane, level, step));
    });
  }
  const inputs = steps.map((step) => {
    const values = view.batch[view.example][step];
    const [x, y, width] = [at.x(step), at.bottom, at.tile.width];
    const name = `input of step ${step}: ${values.map((value) => shown(value)).join(", ")}`;
    const drawn = step < length
      ? box(x, y, width, at.inputHeight) + bars("input", values, {
        x,
        y: y + 2,
        width,
        row: at.inputRow,
        limit: view.limits.input,
        numbers: at.numbers && at.inputRow >= 11,
      })
      : box(x, y, width, at.inputHeight, "lab-padding");
    return tag("g", { "data-tip": name }, drawn) +
      soft(x + width / 2, y + at.inputHeight + 14, step, "middle");
  });
  parts.push(
    mono(at.left - 9, at.bottom + at.inputHeight / 2 + 4, "x", "input", "end"),
    soft(at.left - 9, at.bottom + at.inputHeight + 14, "step", "end"),
    ...inputs,
    ...paths.wires,
    ...paths.cells,
    ...paths.tiles,
    ...frames(view, at),
  );
  const title = `${view.network.kind} of ${view.layers} layer${view.layers > 1 ? "s" : ""}${
    view.directions === 2 ? " and two directions" : ""
  }, unrolled over ${view.steps} steps; arrow keys move`;
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

const code = (words) => `<code>${words}</code>`;

/** Return the readings that a newcomer asks for: a key, the wish in words, the tensor, its colour. */
function wishes(view) {
  const [lstm, both] = [view.network.kind === "LSTM", view.directions === 2];
  return [
    ["output", "a result at every step", "output", "output"],
    ["one", "one result per sequence", both ? "h_n[-2], h_n[-1]" : "h_n[-1]", "h"],
    [
      "later",
      both ? "to start a decoder" : "to go on later",
      lstm ? "(h_n, c_n)" : "h_n",
      lstm ? "c" : "h",
    ],
  ];
}

/** Say what a wish gets. */
function told(view) {
  const both = view.directions === 2;
  const last = both ? "of each direction's own end" : "of the last step";
  return {
    output: `${
      code("output")
    } holds the hidden state of the top layer at every step: for a label at each step, for pooling, for attention.`,
    h_n: `${code("h_n")} holds the hidden state ${last}, a row for each layer${
      both ? " and direction" : ""
    }.`,
    c_n: `${code("c_n")} holds the cell state ${last}, a row for each layer${
      both ? " and direction" : ""
    }; no ${code("output")} contains it.`,
    one: both
      ? `${code("h_n[-2]")} has read to the right, ${code("h_n[-1]")} to the left: join them with ${
        code("torch.cat([h_n[-2], h_n[-1]], dim=-1)")
      }. ${code("output[:, -1]")} would hold the backward state after a single step.`
      : `${
        code("h_n[-1]")
      } is the top layer's last hidden state: for a class or a number per sequence. With padding, pack first.`,
    later: both
      ? "Both, of every layer and direction, start a decoder. A layer of two directions cannot itself go on later: its backward half has begun at the end."
      : `Pass ${
        view.states.length > 1 ? "both" : "it"
      } to the next call, and the layer goes on as if it had never stopped.`,
  }[view.want];
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
    const ways = data.networks.filter((each) => each.num_layers === layers).map((each) =>
      1 + each.bidirectional
    );
    const directions = ways.includes(state.directions) ? state.directions : ways[0];
    const network = data.networks.find((each) =>
      each.num_layers === layers && 1 + each.bidirectional === directions
    );
    const lstm = network.kind === "LSTM";
    const steps = bound(state.steps, 1, data.x[0].length);
    const padded = Boolean(state.padded) && data.x.length > 1;
    const example = bound(state.example, 0, data.x.length - 1);
    const quantity = ["h", ...(lstm ? ["c"] : [])].includes(state.quantity) ? state.quantity : "";
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
      clock: Number(state.clock) >= all - 1 || Number(state.clock) < 0
        ? -1
        : bound(state.clock, 0, all - 1),
    };
  },

  controls: () => "",

  walk(data, state, uid) {
    const several = (values) => [...new Set(values)].sort();
    const depths = several(data.networks.map((each) => each.num_layers));
    const ways = several(data.networks.map((each) => 1 + each.bidirectional));
    const all = momentsOf(state);
    return [
      playButton(),
      all > 1
        ? slider("clock", "time", { min: 0, max: all - 1 }, {
          clock: state.clock < 0 ? all - 1 : state.clock,
        })
        : "",
      depths.length > 1 ? choice(uid, "layers", "layers", depths.map((n) => [n, n]), state) : "",
      ways.length > 1
        ? choice(uid, "directions", "directions", ways.map((n) => [n, n]), state)
        : "",
    ].join("");
  },

  more(data, state, uid) {
    const most = data.x[0].length;
    const units = range(data.networks[0].hidden_size).map((unit) => [unit, unit]);
    const shorter = `sequence 1 is ${data.shorter} step${
      data.shorter === 1 ? "" : "s"
    } shorter, packed`;
    return [
      data.x.length > 1
        ? choice(uid, "example", "sequence", data.x.map((_, k) => [k, k]), state)
        : "",
      most > 1 ? slider("steps", "steps", { min: 1, max: most }, state) : "",
      data.x.length > 1 && most > data.shorter ? tick("padded", shorter, state) : "",
      tick("batch_first", "<code>batch_first=True</code>", state),
      choice(uid, "unit", "unit of the chosen state", units, state),
    ].join("");
  },

  settled: { clock: -1 },

  value: (data, state, key) =>
    key === "clock" && state.clock < 0 ? momentsOf(state) - 1 : undefined,

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
    if (name === "layers") {
      return { layers: value, layer: state.layer === state.layers - 1 ? value - 1 : state.layer };
    }
    if (name === "steps") {
      return { steps: value, step: state.step === state.steps - 1 ? value - 1 : state.step };
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
      if (view.directions === 1) {
        return `Step ${view.clock}: each layer reads what comes from below, and its own ${
          view.states.map((quantity) => `<b class="q-${quantity}">${quantity}</b>`).join(" and ")
        } from the left.`;
      }
      return `Layer ${
        Math.floor(view.clock / view.steps)
      }: one direction goes on to the right, the other to the left${
        view.clock >= view.steps ? ", over what both left below" : ""
      }.`;
    }
    if (view.want) return told(view);
    if (!view.quantity) {
      const { all, back, twice } = counts(view);
      const many = view.batch.length > 1 ? " for this sequence" : "";
      return `<b>${all} numbers</b> were computed${many}. <b>${back}</b> come back, ${twice} of them twice. <b>${
        all - back
      }</b> are gone when the call returns.`;
    }
    const which = view.batch.length > 1 ? `, sequence ${view.example}` : "";
    const place = `layer ${view.layer}${
      wayInWords(view, view.direction)
    }${which}, step ${view.step}`;
    const value =
      view.trace[view.layer][view.direction][view.example][view.step][view.quantity][view.unit];
    const held = expressions(view).filter((_, k) => k % 2 === 0);
    const where = held[0].startsWith("traced")
      ? "The call returns it nowhere."
      : `It is ${held.map(code).join(" and ")}.`;
    return `<b>${shown(value)}</b> is unit ${view.unit} of the ${
      NAMES[view.quantity]
    } <b class="q-${view.quantity}">${view.quantity}</b> of ${place}. ${where}`;
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
    const states = view.states.length > 1
      ? `(${word("h_n", "h")}, ${word("c_n", "c")})`
      : word("h_n", "h");
    const call = `<p class="lab-call">${word("output", "output")}, ${states} = ${
      escape(view.name)
    }(x)</p>`;
    const cards = wishes(view).map(([key, wish, tensor, quantity]) => (
      setter(
        "want",
        key,
        `<span>${wish}</span> <code>${tensor}</code>`,
        state,
        `lab-card q-${quantity}`,
      )
    ));
    const drawn = layouts((width) =>
      `<div class="lab-scroll" data-panel>${withEntry(unrolled(view, width))}</div>`
    );
    return `${call}${drawn}<div class="lab-cards" role="group" aria-label="I want">${
      cards.join("")
    }</div>`;
  },
};
