// The state grid: every number that a recurrent layer computes, and which of them it returns.
//
// Selecting one lights up the same number in the grid, in output, in h_n and in c_n, and shows the
// Python that reads it.

import { choice, copied, once, paint, playButton, shown, slider, tick, withEntry } from "./kit.js";
import { run } from "./recurrent.js";

const NAMES = { h: "hidden state", c: "cell state" };
const WAYS = [["forward", "\u2192"], ["backward", "\u2190"]];

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
    Math.max(1, ...records.flatMap((record) => record[quantity].map(Math.abs)));
  return {
    ...result,
    network,
    batch,
    lengths,
    packed,
    most: data.x[0].length,
    width,
    states,
    sizes: { h: width, c: network.hidden_size },
    limits: Object.fromEntries(states.map((quantity) => [quantity, largest(quantity)])),
  };
}

/** Return when a state is computed: an upper layer of two directions waits for the lower one. */
function moment(view, layer, direction, example, step) {
  if (view.directions === 1) return step;
  return layer * view.steps + (direction ? view.lengths[example] - 1 - step : step);
}

const moments = (view) => view.steps * (view.directions === 2 ? view.layers : 1);
const key = (place) =>
  [place.quantity, place.layer, place.direction, place.example, place.step, place.unit].join("-");

/** Return the number at a place; undefined where the sequence has ended. */
const valueAt = (view, { quantity, layer, direction, example, step, unit }) => (
  view.trace[layer][direction][example][step]?.[quantity][unit]
);

/** Return whether a place is a direction's last step, and its row in h_n and c_n. */
const isLast = (view, { direction, example, step }) =>
  step === (direction ? 0 : view.lengths[example] - 1);
const rowOf = (view, { layer, direction }) => layer * view.directions + direction;

/** Return the Python that reads a number, and the vector that it is in, from what was returned. */
function expressions(view, place) {
  const { quantity, layer, direction, example, step, unit } = place;
  const found = [];
  if (quantity === "h" && layer === view.layers - 1) {
    const t = step === view.steps - 1 ? -1 : step;
    const index = view.batch_first ? `${example}, ${t}` : `${t}, ${example}`;
    const half = {
      "1-0": "",
      "2-0": `, :${view.width}`,
      "2-1": `, ${view.width}:`,
    }[`${view.directions}-${direction}`];
    found.push(`output[${index}, ${direction * view.width + unit}]`, `output[${index}${half}]`);
  }
  if (isLast(view, place)) {
    const row = `${quantity}_n[${rowOf(view, place)}, ${example}`;
    found.push(`${row}, ${unit}]`, `${row}]`);
  }
  if (!found.length) {
    const index = [layer, direction, example, step];
    found.push(
      `traced.${quantity}[${[...index, unit].join(", ")}]`,
      `traced.${quantity}[${index.join(", ")}]`,
    );
  }
  return found;
}

/** Return the lines of Python that come before an expression. */
function calls(view, returned) {
  const { name } = view.network;
  const cut = view.steps < view.most
    ? [`x = x[:${view.batch_first ? ", :" : ""}${view.steps}]`]
    : [];
  const results = `output, ${view.network.kind === "LSTM" ? "(h_n, c_n)" : "h_n"}`;
  const first = view.batch_first ? ", batch_first=True" : "";
  const [rnn, x] = ["nn.utils.rnn", view.packed ? "packed" : "x"];
  const packs = view.packed
    ? [
      `packed = ${rnn}.pack_padded_sequence(x, [${
        view.lengths.join(", ")
      }]${first}, enforce_sorted=False)`,
    ]
    : [];
  if (!returned) {
    return ["from lstm_lab import trace", ...cut, ...packs, `traced = trace(${name}, ${x})`];
  }
  const unpacks = view.packed ? [`output, _ = ${rnn}.pad_packed_sequence(output${first})`] : [];
  return [...cut, ...packs, `${results} = ${name}(${x})`, ...unpacks];
}

const way = (view, direction) => (view.directions === 2 ? ` ${WAYS[direction][1]}` : "");
const wayInWords = (view, direction) => (view.directions === 2 ? `, ${WAYS[direction][0]}` : "");

/** Say where a number stands, for a voice that reads it out. */
const spoken = (view, { quantity, layer, direction, step, unit }) => (
  `${quantity} of layer ${layer}${wayInWords(view, direction)}, step ${step}, unit ${unit}`
);

/** Return a number as a button, or its empty place while it is not computed yet. */
function numberButton(view, panel, place, row, column, uid) {
  const { quantity, layer, direction, example, step } = place;
  if (moment(view, layer, direction, example, step) > view.clock) {
    return '<span class="lab-later">\u00b7</span>';
  }
  const value = valueAt(view, place);
  const name = key(place);
  const chosen = name === key(view);
  return `<button type="button" id="${uid}-${panel}-${name}" class="lab-number${
    chosen ? " lab-same" : ""
  }"` +
    ` data-pick="${name}" data-row="${row}" data-column="${column}" aria-pressed="${chosen}"` +
    ` tabindex="${chosen ? 0 : -1}" aria-label="${shown(value)}, ${spoken(view, place)}" style="${
      paint(quantity, value, view.limits[quantity])
    }">${shown(value)}</button>`;
}

const panel = (uid, name, caption, label, rows, head = "") =>
  withEntry(
    `<div class="lab-panel lab-of-${name} lab-scroll" data-panel role="group" ` +
      `aria-label="${label}; arrow keys move"><table>` +
      `<caption>${caption}</caption>${head}<tbody>${rows}</tbody></table></div>`,
  );

/** Return all states of one sequence: a row a layer and direction, a column a step. */
function grid(view, quantity, uid) {
  const steps = Array.from({ length: view.steps }, (_, t) => t);
  const rows = [];
  const units = Array.from({ length: view.sizes[quantity] }, (_, unit) => unit);
  for (let layer = view.layers - 1; layer >= 0; layer--) {
    for (let direction = 0; direction < view.directions; direction++) {
      const line = rows.length * units.length;
      const cells = steps.map((step) => {
        if (step >= view.lengths[view.example]) {
          return '<td class="lab-padding" data-tip="padding: packed, the layer never reads ' +
            'it"></td>';
        }
        const tip = `${NAMES[quantity]} of layer ${layer}${
          wayInWords(view, direction)
        }, step ${step}: shape (${units.length},)`;
        const numbers = units.map((unit) =>
          numberButton(
            view,
            quantity,
            { quantity, layer, direction, example: view.example, step, unit },
            line + unit,
            step,
            uid,
          )
        );
        const kept = quantity === "h" && layer === view.layers - 1 ? "lab-output" : "";
        const final = isLast(view, { direction, example: view.example, step }) ? "lab-final" : "";
        return `<td class="${kept} ${final}" data-tip="${tip}">${numbers.join("")}</td>`;
      });
      rows.push(
        `<tr><th scope="row">layer ${layer}${way(view, direction)}</th>${cells.join("")}</tr>`,
      );
    }
  }
  const head = `<thead><tr><td></td>${
    steps.map((t) => `<th scope="col">${t}</th>`).join("")
  }</tr></thead>`;
  const which = view.batch.length > 1 ? `, sequence ${view.example}` : "";
  const name = `${NAMES[quantity]} <b class="lab-is-${quantity}">${quantity}</b>${which}`;
  return panel(uid, quantity, name, `${NAMES[quantity]} ${quantity}${which}`, rows.join(""), head);
}

/** Return the rows of a tensor, a line before each new index of its first axis. */
function tensorRows(lines) {
  return lines.map(({ index, cells, first, tip }) => (
    `<tr${first ? ' class="lab-first"' : ""}><th scope="row"><code>[${index}]</code></th>` +
    `<td data-tip="${tip}">${cells}</td></tr>`
  )).join("");
}

function outputPanel(view, uid) {
  const [examples, steps] = [view.batch.length, view.steps];
  const lines = [];
  const number = (example, step, direction, unit) => {
    if (step >= view.lengths[example]) {
      return view.clock < Infinity
        ? '<span class="lab-later">\u00b7</span>'
        : '<span class="lab-number lab-zero">0.00</span>';
    }
    const place = { quantity: "h", layer: view.layers - 1, direction, example, step, unit };
    return numberButton(view, "output", place, lines.length, direction * view.width + unit, uid);
  };
  const features = view.directions * view.width;
  const add = (example, step, first, index) => {
    // A narrow screen breaks a row between the directions, and nowhere else.
    const halves = Array.from({ length: view.directions }, (_, direction) => {
      const units = Array.from(
        { length: view.width },
        (__, unit) => number(example, step, direction, unit),
      );
      return `<span class="lab-half">${units.join("")}</span>`;
    });
    const tip =
      `output[${index}]: hidden state of the top layer, sequence ${example}, step ${step}: ` +
      `shape (${features},)`;
    lines.push({ index, cells: halves.join(""), first, tip });
  };
  for (let a = 0; a < (view.batch_first ? examples : steps); a++) {
    for (let b = 0; b < (view.batch_first ? steps : examples); b++) {
      add(view.batch_first ? a : b, view.batch_first ? b : a, b === 0 && a > 0, `${a}, ${b}`);
    }
  }
  const [sizes, axes] = view.batch_first
    ? [[examples, steps, features], "sequence, step, feature"]
    : [[steps, examples, features], "step, sequence, feature"];
  const caption = `<b class="lab-is-output">output</b> (${
    sizes.join(", ")
  }) <small>${axes}</small>`;
  return panel(uid, "output", caption, `output, axes ${axes}`, tensorRows(lines));
}

function finalPanel(view, quantity, uid) {
  const lines = [];
  for (let layer = 0; layer < view.layers; layer++) {
    for (let direction = 0; direction < view.directions; direction++) {
      const row = rowOf(view, { layer, direction });
      view.batch.forEach((_, example) => {
        const step = direction ? 0 : view.lengths[example] - 1;
        const cells = Array.from({ length: view.sizes[quantity] }, (__, unit) =>
          numberButton(
            view,
            `${quantity}n`,
            { quantity, layer, direction, example, step, unit },
            lines.length,
            unit,
            uid,
          ));
        const tip = `${quantity}_n[${row}, ${example}]: layer ${layer}${
          wayInWords(view, direction)
        }, sequence ${example}, its step ${step}: shape (${cells.length},)`;
        lines.push({
          index: `${row}, ${example}`,
          cells: cells.join(""),
          first: example === 0 && row > 0,
          tip,
        });
      });
    }
  }
  const sizes = [view.layers * view.directions, view.batch.length, view.sizes[quantity]];
  const axes = `layer${view.directions === 2 ? " and direction" : ""}, sequence, unit`;
  const caption = `<b class="lab-is-${quantity}">${quantity}_n</b> (${
    sizes.join(", ")
  }) <small>${axes}</small>`;
  return panel(uid, `${quantity}n`, caption, `${quantity}_n, axes ${axes}`, tensorRows(lines));
}

const bound = (value, low, high) => Math.min(high, Math.max(low, Math.round(Number(value)) || 0));

export const stateGrid = {
  title: "Every state of the layer, and where it is returned",
  help:
    "Select any number; arrow keys move. Lines enclose what output holds, dashes a final state.",
  state: {
    layers: 1,
    directions: 1,
    steps: 4,
    example: 0,
    padded: false,
    batch_first: true,
    quantity: "h",
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
    const steps = bound(state.steps, 1, data.x[0].length);
    const padded = Boolean(state.padded) && data.x.length > 1;
    const example = bound(state.example, 0, data.x.length - 1);
    const quantity = state.quantity === "c" && network.kind === "LSTM" ? "c" : "h";
    const size = quantity === "h" && network.proj_size ? network.proj_size : network.hidden_size;
    const length = steps - (padded && steps > data.shorter && example === 1 ? data.shorter : 0);
    const all = steps * (directions === 2 ? layers : 1);
    return {
      layers,
      directions,
      steps,
      example,
      padded,
      batch_first: Boolean(state.batch_first),
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

  controls(data, state, uid) {
    const several = (values) => [...new Set(values)].sort();
    const depths = several(data.networks.map((each) => each.num_layers));
    const ways = several(data.networks.map((each) => 1 + each.bidirectional));
    const most = data.x[0].length;
    return [
      depths.length > 1 ? choice(uid, "layers", "layers", depths.map((n) => [n, n]), state) : "",
      ways.length > 1
        ? choice(uid, "directions", "directions", ways.map((n) => [n, n]), state)
        : "",
      data.x.length > 1
        ? choice(uid, "example", "sequence", data.x.map((_, k) => [k, k]), state)
        : "",
      most > 1 ? slider("steps", "steps", { min: 1, max: most }, state) : "",
      tick("batch_first", "<code>batch_first=True</code>", state),
      data.x.length > 1 && most > data.shorter
        ? tick(
          "padded",
          `sequence 1 is ${data.shorter} step${data.shorter === 1 ? "" : "s"} shorter, packed`,
          state,
        )
        : "",
      playButton("walk through time"),
    ].join("");
  },

  settled: { clock: -1 },

  /** Switch off what so few steps do not allow. */
  sync(form, data, state) {
    const box = form.querySelector('[data-key="padded"]');
    if (box) box.disabled = state.steps <= data.shorter;
  },

  /** Let the choice go along with the top layer and with the last step. */
  typed(data, state, name, control) {
    if (name === "layers") {
      const layers = Number(control.value);
      return { layers, layer: state.layer === state.layers - 1 ? layers - 1 : state.layer };
    }
    if (name === "steps") {
      const steps = Number(control.value);
      return { steps, step: state.step === state.steps - 1 ? steps - 1 : state.step };
    }
    return null;
  },

  pick(data, state, name) {
    const [quantity, layer, direction, example, step, unit] = name.split("-");
    const [l, d, e, s, u] = [layer, direction, example, step, unit].map(Number);
    return { quantity, layer: l, direction: d, example: e, step: s, unit: u };
  },

  steps: (data, state) => moments(seen(data, state)),

  at(data, state, clock) {
    const step = clock % state.steps;
    const layer = state.directions === 2 ? Math.floor(clock / state.steps) : state.layers - 1;
    return { clock, layer, direction: 0, step };
  },

  says(data, state) {
    const view = seen(data, state);
    if (moment(view, view.layer, view.direction, view.example, view.step) > view.clock) {
      return `The ${NAMES[view.quantity]} of layer ${view.layer}${
        wayInWords(view, view.direction)
      }, step ${view.step}, is not computed yet.`;
    }
    const which = view.batch.length > 1 ? `, sequence ${view.example}` : "";
    const place = `layer ${view.layer}${
      wayInWords(view, view.direction)
    }${which}, step ${view.step}, unit ${view.unit}`;
    const returned = expressions(view, view).filter((text) => !text.startsWith("traced"));
    const held = [...new Set(returned.map((text) => text.split("[")[0]))];
    const where = held.length
      ? `It is in <code>${held.join("</code> and in <code>")}</code>.`
      : "The call returns it nowhere.";
    return `<b>${shown(valueAt(view, view))}</b> is the ${
      NAMES[view.quantity]
    } ${view.quantity} of ${place}. ${where}`;
  },

  display(data, state, uid) {
    const view = seen(data, state);
    const found = expressions(view, view);
    const later = moment(view, view.layer, view.direction, view.example, view.step) > view.clock;
    const lines = later
      ? ""
      : [...calls(view, !found[0].startsWith("traced")), ...found].map(copied).join("");
    const panels = [
      ...view.states.map((quantity) => grid(view, quantity, uid)),
      outputPanel(view, uid),
      ...view.states.map((quantity) => finalPanel(view, quantity, uid)),
    ];
    return `<ul class="lab-code" aria-label="Python that reads it">${lines}</ul><div ` +
      `class="lab-panels">${panels.join("")}</div>`;
  },
};
