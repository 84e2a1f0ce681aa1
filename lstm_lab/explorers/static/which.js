// Which tensor do I want: a choice, where in the unrolled layer it reads, and the lines that read.
//
// The lines come from Python, which runs every one of them in its tests.

import {
  box,
  FLOW,
  layouts,
  letter,
  mono,
  picture,
  range,
  ribbon,
  soft,
  tag,
  text,
  wire,
} from "./draw.js";
import { choice, escape, tick } from "./kit.js";

const STEPS = 5;
const SHORTER = 2; // steps of padding
const LAYERS = 2;
const KINDS = ["LSTM", "GRU", "RNN"];
// What reads the states of every step, and what it makes of them.
const ABOVE = { step: "answer", pooled: "mean", attention: "query" };
const BESIDE = { sequence: "answer", decoder: "decoder", next: "next call" };

const keyOf = ({ task, directions, padded, kind }) =>
  [task, directions, padded, kind].join(" ").toLowerCase();

/** Return what is drawn: how many steps are real, and what the task takes. */
function seen({ task, directions, padded, kind }) {
  const length = STEPS - (padded ? SHORTER : 0);
  const again = task === "next" && directions === 2;
  const quantities = kind === "LSTM" ? ["h", "c"] : ["h"];
  const takes = (layer, way, step, quantity) => {
    if (again || step >= length) return false;
    const last = step === (way ? 0 : length - 1);
    if (task in ABOVE) return quantity === "h" && layer === LAYERS - 1;
    return last && (task !== "sequence" || (quantity === "h" && layer === LAYERS - 1));
  };
  return { task, directions, kind, length, again, quantities, takes };
}

/** Return where everything stands; each layer has a lane for each direction, the backward on top. */
function layoutOf({ task, directions, quantities, again }, width) {
  const narrow = width < 500;
  const [left, right] = narrow ? [44, 84] : [84, 176];
  const column = (width - left - right) / STEPS;
  const size = Math.min(column - (narrow ? 12 : 22), 84);
  const cell = quantities.length > 1 ? 38 : 22;
  const lane = cell + 10;
  const layer = directions * lane + 22;
  // What reads stands above the layers, and so do wires from the left.
  const top = task in ABOVE || (directions === 2 && !again) ? 66 : 8;
  return {
    narrow,
    left,
    size,
    cell,
    end: left + STEPS * column,
    x: (step) => left + (step + 0.5) * column,
    y: (level, way) => top + (LAYERS - 1 - level) * layer + (directions - 1 - way) * lane,
    bottom: top + LAYERS * layer - 12,
    width,
  };
}

/** Say what a box holds, and where it is returned. */
function told({ directions, length }, { layer, way, step, quantity }) {
  const row = layer * directions + way;
  const held = [
    quantity === "h" && layer === LAYERS - 1 && "output",
    step === (way ? 0 : length - 1) && `${quantity}_n[${row}]`,
  ].filter(Boolean).join(" and ");
  const direction = directions > 1 ? `, ${way ? "backward" : "forward"}` : "";
  const where = held ? `in ${held}` : "not returned";
  return `${quantity} of layer ${layer}${direction}, step ${step}: ${where}`;
}

/** Return a cell: its states, filled where they are what the task takes. */
function cellAt(view, at, layer, way, step) {
  const [x, y] = [at.x(step) - at.size / 2, at.y(layer, way)];
  if (step >= view.length) return box(x, y, at.size, at.cell, "lab-padding");
  const colour = view.task in ABOVE ? "output" : "h";
  const states = view.quantities.map((quantity, k) => {
    const top = y + 3 + 16 * k;
    const taken = view.takes(layer, way, step, quantity);
    const kind = taken ? `lab-bar q-${quantity === "h" ? colour : quantity}` : "lab-paper";
    const name = text(at.x(step), top + 12, quantity, {
      anchor: "middle",
      kind: taken ? "lab-num lab-on" : "lab-soft",
    });
    const inside = box(x + 3, top, at.size - 6, 16, kind, { rx: 3 }) + name;
    return tag("g", { "data-tip": told(view, { layer, way, step, quantity }) }, inside);
  });
  return box(x, y, at.size, at.cell, "lab-cell") + states.join("");
}

/** Return the wires of one lane, from step to step as the direction reads. */
function lane(view, at, layer, way) {
  const y = at.y(layer, way) + at.cell / 2;
  return range(view.length - 1).map((k) => {
    const ends = [[at.x(k) + at.size / 2, y], [at.x(k + 1) - at.size / 2, y]];
    return wire("h", way ? ends.reverse() : ends, { arrow: 3.5 });
  }).join("");
}

/** Return the wires from the input to layer 0, and from a layer to the next. */
function upwards(view, at, step) {
  const x = at.x(step);
  return range(LAYERS).map((layer) => {
    const from = layer ? at.y(layer - 1, view.directions - 1) : at.bottom;
    const to = at.y(layer, 0) + at.cell;
    return wire(layer ? "h" : "input", [[x, from], [x, to]], { arrow: 3.5 });
  }).join("");
}

/** Return what reads every step: a tag for each, a mean, or a query that looks. */
function above(view, at) {
  const top = at.y(LAYERS - 1, view.directions - 1);
  const steps = range(view.length);
  const output = mono(
    at.end + 4,
    (top + at.y(LAYERS - 1, 0)) / 2 + 14,
    "output",
    "output",
    "start",
  );
  const named = (x, words) => box(x - 33, 6, 66, 26) + mono(x, 23.5, words);
  if (view.task === "step") {
    return steps.map((step) => {
      const x = at.x(step);
      const wires = wire("output", [[x, top], [x, 34]], { ...FLOW.h });
      return wires + letter(x - 13, 6, 26, "?");
    }).join("") + mono(at.end + 4, 23.5, ABOVE.step, "", "start") + output;
  }
  const middle = (at.x(0) + at.x(view.length - 1)) / 2;
  const looks = view.task === "attention" ? [2, 9, 3, 1, 5] : [3, 3, 3, 3, 3];
  const ribbons = steps.map((step) =>
    ribbon(
      view.task === "pooled" ? "output" : "attention",
      [middle, 32],
      [at.x(step), top - 1],
      looks[step],
    )
  );
  return ribbons.join("") + named(middle, ABOVE[view.task]) + output;
}

/** Return the way of a final state to what reads it, at the right; the backward one goes around. */
function leaving(view, at, { layer, way, step, quantity }, { x, y, width }) {
  const h = quantity === "h";
  const from = at.y(layer, way) + (h ? 11 : 28);
  if (!way) {
    return wire(quantity, [[at.x(step) + at.size / 2, from], [x - 1, from]], FLOW[quantity]);
  }
  const out = 12 + 6 * layer + (h ? 0 : 12);
  const entry = x + width - 10 - 12 * (2 * layer + (h ? 0 : 1));
  const left = at.left - out;
  const around = [[left, from], [left, 50 - out], [entry, 50 - out], [entry, y - 1]];
  return wire(quantity, [[at.x(step) - at.size / 2, from], ...around], FLOW[quantity]);
}

/** Return what the final states lead to, and their names. */
function beside(view, at) {
  const [top, x] = [at.y(LAYERS - 1, view.directions - 1) - 4, at.end + (at.narrow ? 12 : 78)];
  const low = at.y(view.task === "sequence" ? LAYERS - 1 : 0, 0) + at.cell + 4;
  const place = { x, y: top, width: at.width - x - 2, height: low - top };
  const words = at.narrow ? BESIDE[view.task].split(" ").at(-1) : BESIDE[view.task];
  const states = range(LAYERS).flatMap((layer) =>
    range(view.directions).flatMap((way) =>
      view.quantities.map((quantity) => {
        const step = way ? 0 : view.length - 1;
        return { layer, way, step, quantity, row: layer * view.directions + way };
      })
    )
  ).filter(({ layer, way, step, quantity }) => view.takes(layer, way, step, quantity));
  const names = states.filter(({ quantity }) => quantity === "h" && !at.narrow)
    .map(({ layer, way, row }) => {
      const y = way ? 50 - 12 - 6 * layer - 6 : at.y(layer, way) + 5;
      const index = view.task === "sequence" ? row - LAYERS * view.directions : row;
      return way && view.task !== "sequence" ? "" : mono(at.end + 36, y, `h_n[${index}]`, "h");
    });
  return box(place.x, place.y, place.width, place.height) +
    mono(x + place.width / 2, (top + low) / 2 + 5, words) +
    states.map((each) => leaving(view, at, each, place)).join("") + names.join("");
}

/** Return the unrolled layer, what is taken of it, and where that goes. */
function unrolled(state, width) {
  const view = seen(state);
  const at = layoutOf(view, width);
  const parts = [];
  for (const layer of range(LAYERS)) {
    const y = (at.y(layer, view.directions - 1) + at.y(layer, 0) + at.cell) / 2 + 4;
    parts.push(soft(0, y, at.narrow ? `${layer}` : `layer ${layer}`));
  }
  for (const step of range(view.length)) parts.push(upwards(view, at, step));
  for (const layer of range(LAYERS)) {
    for (const way of range(view.directions)) {
      parts.push(lane(view, at, layer, way));
      for (const step of range(STEPS)) parts.push(cellAt(view, at, layer, way, step));
    }
  }
  for (const step of range(STEPS)) {
    const words = step < view.length ? step : at.narrow ? "pad" : "padding";
    parts.push(soft(at.x(step), at.bottom + 15, words, "middle"));
  }
  parts.push(soft(at.left - 8, at.bottom + 15, "step", "end"));
  if (view.task in ABOVE) parts.push(above(view, at));
  else if (!view.again) parts.push(beside(view, at));
  else if (!at.narrow) parts.push(soft(at.end + 4, at.y(1, 0) + 24, "nothing to hand on"));
  const taken = view.again ? "no state" : view.task in ABOVE ? "output" : "final states";
  const title = `Two layers unrolled over ${STEPS} steps`;
  return picture(width, at.bottom + 22, parts, { title, describe: `Marked: ${taken}.` });
}

const coded = (words) => escape(words).replace(/`([^`]+)`/g, "<code>$1</code>");
const block = (lines) => `<code class="lab-listing">${lines.map(escape).join("\n")}</code>`;

/** Return every answer for one kind of layer as a table, for pages without scripts. */
function table({ tasks, readings }, { kind }) {
  const rows = tasks.flatMap(([task, words]) =>
    [1, 2].flatMap((directions) =>
      [false, true].map((padded) => {
        const { lines } = readings[keyOf({ task, directions, padded, kind })];
        return `<tr><th scope="row">${words}</th><td>${directions}</td>` +
          `<td>${padded ? "yes" : "no"}</td><td>${block(lines)}</td></tr>`;
      })
    )
  );
  return '<table class="lab-plain"><thead><tr><th>I want</th><th>directions</th><th>padding</th>' +
    `<th>of an <code>nn.${kind}</code></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

export const whichTensor = {
  title: "Which tensor do I want?",
  help: "Choose what you want, and what you have.",
  fold: "What the lines take for granted",
  quiet: true,
  state: { task: "sequence", directions: 1, padded: false, kind: "LSTM" },

  clean: ({ tasks }, { task, directions, padded, kind }) => ({
    task: tasks.some(([key]) => key === task) ? task : tasks[0][0],
    directions: directions === 2 ? 2 : 1,
    padded: Boolean(padded),
    kind: KINDS.includes(kind) ? kind : KINDS[0],
  }),

  controls: ({ tasks }, state, uid) =>
    choice(uid, "task", "I want", tasks, state) +
    choice(uid, "directions", "directions", [1, 2], state) +
    choice(uid, "kind", "layer", KINDS, state) +
    tick("padded", "padded", state),

  says: ({ readings }, state) => coded(readings[keyOf(state)].why),

  code({ readings }, state) {
    const { given } = readings[keyOf(state)];
    const lengths = state.padded ? ", and <code>lengths</code>, (batch,), on the CPU" : "";
    return `<p><code>x</code> is (batch, steps, input_size)${lengths}.</p><pre>${
      block(given)
    }</pre>`;
  },

  display(data, state) {
    const { lines } = data.readings[keyOf(state)];
    return layouts((width) => unrolled(state, width)) +
      `<div class="lab-lines">${block(lines)}<button type="button" class="lab-copy" ` +
      `data-copy="${
        escape(lines.join("\n"))
      }" aria-label="Copy the three lines">copy</button></div>` +
      table(data, state);
  },
};
