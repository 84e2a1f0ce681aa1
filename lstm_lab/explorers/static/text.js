// Type some code: what a language model expected at each character, what a unit is after it, and
// how the network would write on.

import { range, tag } from "./draw.js";
import {
  area,
  bound,
  choice,
  escape,
  list,
  once,
  percent,
  playButton,
  shown,
  slider,
  unknown,
} from "./kit.js";
import { affine, embedded, run, softmax, weightsOf } from "./recurrent.js";

const MOST = 600; // characters that are read
const SLICE = 6; // milliseconds of reading between two frames
const GUESSES = 6; // characters that are named as expected
const UNITS = 8; // units that are named as following a label

const NAMES = { "\n": "new line", " ": "space" };
const named = (character) => NAMES[character] ?? character;
const quoted = (character) => NAMES[character] ?? `"${character}"`;
const order = (values) => range(values.length).sort((a, b) => values[b] - values[a]);

/** Return what the network makes of one more character: its state, and chances of the next one. */
function after(data, before, character) {
  const weights = data.decoded ??= weightsOf(data.weights);
  const row = embedded(weights["embedding.weight"], data.letters.indexOf(character) + 1);
  const network = data.ready ??= { ...data.network, decoded: weights, prefix: "layer." };
  const { h_n, c_n } = run(network, [[row]], before && { hx: before.hx });
  const [h, c] = [h_n.at(-1)[0], c_n.at(-1)[0]];
  const scores = affine(weights["head.weight"], h, weights["head.bias"]);
  return { hx: { h: h_n, c: c_n }, h, c, scores, chances: softmax(scores) };
}

/**
 * Read on from where the last text and this one part, for some milliseconds; return whether there
 * is more to read.
 */
export function work(data, { text }, slice = SLICE) {
  const characters = [...text];
  if (unknown(data.letters, characters)) return false;
  const read = data.read ??= { characters: [], records: [] };
  let same = 0;
  while (same < characters.length && read.characters[same] === characters[same]) same++;
  read.characters.length = read.records.length = same;
  const end = Date.now() + slice;
  while (same < characters.length && Date.now() < end) {
    read.records.push(after(data, read.records[same - 1], characters[same]));
    read.characters.push(characters[same++]);
  }
  // A slice that took its time is shown in the next frame.
  return same < characters.length || Date.now() > end - slice / 2;
}

/** Return the records of a text that was read, and the bits that each character cost. */
function seen(data, text) {
  const characters = [...text];
  if (!text || unknown(data.letters, characters)) return null;
  const { records } = data.read;
  const number = (character) => data.letters.indexOf(character) + 1;
  const bits = characters.map((character, t) => (
    t ? -Math.log2(records[t - 1].chances[number(character)]) : undefined
  ));
  const mean = bits.slice(1).reduce((a, b) => a + b, 0) / (bits.length - 1);
  return { characters, records, bits, mean };
}

/** Return the characters that are likeliest behind a record, with their chances. */
function guesses(data, record, temperature) {
  const chances = tempered(record, temperature);
  return order(chances).slice(0, GUESSES).map((k) => [data.letters[k], chances[k]]);
}

/** Return the chances of all characters at a temperature; padding is none. */
const tempered = ({ scores }, temperature) =>
  softmax(scores.slice(1).map((score) => score / temperature));

/** Return a number from 0 to 1 that depends on a text alone: a view can be restored. */
function dice(text) {
  let bits = 2166136261;
  for (const character of text) bits = Math.imul(bits ^ character.codePointAt(0), 16777619);
  bits = Math.imul(bits ^ (bits >>> 16), 2246822507);
  bits = Math.imul(bits ^ (bits >>> 13), 3266489909);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Return the character that the network writes behind a text. */
function written(data, text, temperature) {
  const chances = tempered(data.read.records.at(-1), temperature);
  let left = dice(text);
  const k = chances.findIndex((chance) => (left -= chance) < 0);
  return data.letters[k < 0 ? order(chances)[0] : k];
}

/** Return how strongly each character is coloured, from -1 to 1. */
function tints(data, view, { shown, unit, label }) {
  if (shown === "surprise") return view.bits.map((bits) => Math.min(1, (bits ?? 0) / 8));
  // Where a unit falls as the label rises, its colour is turned round.
  const sign = data.follow[label]?.[shown][unit] < 0 ? -1 : 1;
  const values = view.records.map((record) => sign * record[shown][unit]);
  const most = Math.max(1, ...values.map(Math.abs));
  return values.map((value) => value / most);
}

/** Return each character as it is drawn, in lines; what is chosen is not among it. */
function lines(data, view, state) {
  const tint = tints(data, view, state);
  const rows = [[]];
  [...view.characters, ""].forEach((character, t) => {
    const row = rows.at(-1);
    const share = Math.round(100 * Math.abs(tint[t] ?? 0));
    const head = `<span class="${tint[t] < 0 ? "lab-neg" : "lab-pos"}" style="--s:${share}%" ` +
      `data-pick="${t}" ` +
      `data-row="${rows.length - 1}" data-column="${row.length}"`;
    row.push([head, `>${character === "\n" ? "\u21b5" : escape(character || " ")}</span>`]);
    if (character === "\n") rows.push([]);
  });
  return rows;
}

/** Return the text, coloured; the place behind its end can be chosen too. */
function coloured(data, view, state) {
  const { text, shown: kind, unit, label, step } = state;
  const rows = once(data, [text, kind, unit, label], () => lines(data, view, state));
  const told = quoted(view.characters[step] ?? "what comes next");
  const chosen = ` role="button" tabindex="0" aria-pressed="true" aria-label="${escape(told)}"`;
  let t = 0;
  const part = ([head, tail]) => head + (t++ === step ? chosen : "") + tail;
  const parts = rows.map((row) => `<div>${row.map(part).join("")}</div>`);
  return `<div class="lab-source q-${kind === "surprise" ? "score" : kind}" data-panel ` +
    `role="group" aria-label="the text; arrow keys move">${parts.join("")}</div>`;
}

/** Return what was expected at the chosen place, as bars; at the end, what would be written. */
function expected(data, { characters, records }, { step, temperature }) {
  if (!step) return "";
  const came = characters[step];
  const bars = guesses(data, records[step - 1], came ? 1 : temperature).map((
    [character, chance],
  ) => {
    const mark = character === came ? " lab-hit" : "";
    const style = `--s:${Math.round(100 * chance)}%`;
    return `<div class="lab-guess${mark}" style="${style}"><code>${escape(named(character))}` +
      `</code> <span>${percent(chance)}</span></div>`;
  });
  const place = came ? "expected here" : `what it would write, at temperature ${temperature}`;
  const tip = `softmax(W h + b), a vector of shape (${records[0].chances.length},)`;
  return `<div><p data-tip="${tip}">${place}</p><div class="q-score">${bars.join("")}</div></div>`;
}

/** Return the units that follow a label best, as buttons. */
function followers(data, state) {
  const values = data.follow[state.label];
  if (!values || state.shown === "surprise") return "";
  const own = values[state.shown];
  const best = order(own.map(Math.abs)).slice(0, UNITS);
  const buttons = best.map((unit, column) =>
    tag("button", {
      type: "button",
      "data-pick": `unit ${unit}`,
      "data-row": 0,
      "data-column": column,
      tabindex: unit === state.unit || (!column && !best.includes(state.unit)) ? 0 : -1,
      "aria-pressed": `${unit === state.unit}`,
      "aria-label": `unit ${unit}, r ${shown(own[unit])}`,
    }, `${unit} <small>${shown(own[unit])}</small>`)
  );
  const heading = `units whose <code class="q-${state.shown}">${state.shown}</code> follows ` +
    `${escape(state.label)}, with r; colour: more of it, grey: less`;
  const tip = `one number each of ${state.shown}, a vector of shape (${own.length},)`;
  return `<div><p data-tip="${tip}">${heading}</p><div class="lab-units" data-panel role="group" ` +
    `aria-label="units; arrow keys move">${buttons.join("")}</div></div>`;
}

export const textExplorer = {
  title: "Read along with a network that predicts code",
  help: "Choose a character to see what was expected there; arrow keys move. " +
    "Writing replaces what stands behind the chosen character.",
  fold: "More units",
  state: { text: "", step: MOST, shown: "surprise", label: "", unit: 0, temperature: 0.5 },
  pace: 60,

  clean(data, state) {
    const text = [...String(state.text).replace(/\r\n?/g, "\n").replace(/\t/g, "    ")]
      .slice(0, MOST);
    return {
      text: text.join(""),
      step: bound(state.step, 0, text.length),
      shown: ["h", "c"].includes(state.shown) ? state.shown : "surprise",
      label: Object.hasOwn(data.follow, state.label)
        ? state.label
        : Object.keys(data.follow)[0] ?? "",
      unit: bound(state.unit, 0, data.network.hidden_size - 1),
      temperature: Math.min(2, Math.max(0.1, Number(state.temperature) || 0.5)),
    };
  },

  work,

  controls: (data, state, uid) =>
    area("text", "type or paste code", { rows: 3, length: MOST }, state) +
    choice(uid, "shown", "colour", ["surprise", "h", "c"], state) +
    (state.label ? list("label", "follows", Object.keys(data.follow), state) : ""),

  walk: (data, state) =>
    playButton("\u25b6 write on") +
    slider("temperature", "temperature", { min: 0.1, max: 1.5, step: 0.1 }, state),

  more: (data, state) =>
    slider("unit", "unit", { min: 0, max: data.network.hidden_size - 1 }, state),

  typed(data, state, key, control) {
    const coloured = state.shown === "surprise" ? "c" : state.shown;
    if (key === "text") return { text: control.value, step: MOST };
    if (key === "unit") return { unit: Number(control.value), shown: coloured };
    if (key !== "label") return undefined;
    const [unit] = order(data.follow[control.value][coloured].map(Math.abs));
    return { label: control.value, unit, shown: coloured };
  },

  pick(data, state, picked) {
    const [kind, unit] = picked.split(" ");
    return kind === "unit" ? { unit: Number(unit) } : { step: Number(picked) };
  },

  // A walk writes: each step is one more character behind the chosen one.
  steps: (data, { text }) => (seen(data, text) && [...text].length < MOST ? MOST + 1 : 0),
  now: (data, { text }) => [...text].length,
  at(data, { text, step, temperature }) {
    const kept = [...text].slice(0, step + 1).join("");
    while (work(data, { text: kept }));
    return { text: kept + written(data, kept, temperature), step: MOST };
  },

  says(data, { text, step, shown: quantity, unit }) {
    if (!text) return "Type a character to begin with.";
    const strange = unknown(data.letters, text);
    if (strange) {
      return `The network has no number for ${strange}: it was in no file of the training.`;
    }
    const { characters, records, bits, mean } = seen(data, text);
    const cut = characters.length === MOST ? ` No more than ${MOST} characters are read.` : "";
    const whole = characters.length > 1
      ? ` The text costs <b class="q-score">${shown(mean)} bits</b> per character.${cut}`
      : "";
    if (step === characters.length) {
      const [[likeliest, chance]] = guesses(data, records.at(-1), 1);
      return `Next the network expects <code>${escape(quoted(likeliest))}</code>, ` +
        `${percent(chance)}.${whole}`;
    }
    const character = `<code>${escape(quoted(characters[step]))}</code>`;
    const cost = step
      ? `${character} cost ${shown(bits[step], 1)} bits here.`
      : `Nothing stands before ${character}, so nothing was expected.`;
    if (quantity === "surprise") return cost + whole;
    const value = shown(records[step][quantity][unit]);
    return `After ${character} unit ${unit} has <code class="q-${quantity}">${quantity}</code> = ` +
      `${value}.${whole}`;
  },

  display(data, state) {
    const view = seen(data, state.text);
    if (!view) return "";
    return coloured(data, view, state) + '<div class="lab-sides">' +
      expected(data, view, state) + followers(data, state) + "</div>";
  },
};
