// Type a name: what a reader of letters believes after each of them, and which readout says what.

import { escape, line, list, once, playButton, quoted, shown, strip, unknown } from "./kit.js";
import { affine, part, run, softmax, weightsOf } from "./recurrent.js";

const READ = {
  h_n: "the last h",
  c_n: "the last c",
  last: "the last h",
  mean: "the mean of h",
  max: "the largest of each h",
};
const MOST = 40; // letters
const percent = (share) => `${shown(100 * share, 0)} %`;

/** Return the vector that each readout takes from the states up to a step. */
function vectors(records, step) {
  const read = records.slice(0, step + 1);
  const over = (join) => read[0].h.map((_, unit) => join(read.map((record) => record.h[unit])));
  return {
    h_n: read[step].h,
    last: read[step].h,
    c_n: read[step].c,
    mean: over((values) => values.reduce((a, b) => a + b, 0) / values.length),
    max: over((values) => Math.max(...values)),
  };
}

/** Return the states after each letter, and the chances that each readout gives then. */
export function read(data, text) {
  return once(data, text, () => readAnew(data, text));
}

function readAnew(data, text) {
  if (!text.length || unknown(data.letters, text).length) return null;
  const weights = data.decoded ?? (data.decoded = weightsOf(data.weights));
  const embedding = weights["embedding.weight"];
  const rows = [...text].map((letter) => {
    const row = [...data.letters].indexOf(letter) + 1;
    return Array.from(
      embedding.values.subarray(row * embedding.columns, (row + 1) * embedding.columns),
    );
  });
  const network = { ...data.network, decoded: part(weights, "layer.") };
  const records = run(network, [rows]).trace[0][0][0];
  const after = records.map((_, step) => {
    const taken = vectors(records, step);
    return Object.fromEntries(
      Object.entries(data.heads).map((
        [name, head],
      ) => [
        name,
        softmax(affine(weights[`${head}.weight`], taken[name], weights[`${head}.bias`])),
      ]),
    );
  });
  return { records, after };
}

const order = (chances) => chances.map((_, k) => k).sort((a, b) => chances[b] - chances[a]);
const bar = (chance) => `<span class="lab-bar" style="width:${(100 * chance).toFixed(1)}%"></span>`;

/** Return the table of letters: after each, the likeliest class and both states. */
function letters(data, state, { records, after }, uid) {
  const first = Object.keys(data.heads)[0];
  const largest = Math.max(1, ...records.flatMap((record) => record.c.map(Math.abs)));
  const rows = [...state.text].map((letter, t) => {
    const [best] = order(after[t][first]);
    const chosen = t === state.step;
    const button =
      `<button type="button" id="${uid}-t${t}" class="lab-number${
        chosen ? " lab-same" : ""
      }" data-pick="${t}" data-row="${t}" data-column="0"` +
      ` aria-pressed="${chosen}" tabindex="${chosen ? 0 : -1}" aria-label="${
        escape(letter === " " ? "space" : letter)
      }, step ${t}">${letter === " " ? "\u2423" : escape(letter)}</button>`;
    return `<tr class="${chosen ? "lab-now" : ""}"><th scope="row">${button}</th><td>${
      escape(data.classes[best])
    }</td><td class="lab-share">${percent(after[t][first][best])}</td>` +
      `<td class="lab-strip" data-tip="hidden state h after step ${t}: shape (${
        records[t].h.length
      },)" style="${strip("h", records[t].h)}"></td>` +
      `<td class="lab-strip" data-tip="cell state c after step ${t}: shape (${
        records[t].c.length
      },); full colour is ${shown(largest, 1)}" style="${
        strip("c", records[t].c, { limit: largest })
      }"></td></tr>`;
  });
  return '<div data-panel role="group" aria-label="letters; arrow keys move"><table ' +
    'class="lab-letters"><thead><tr><th scope="col">letter</th>' +
    `<th scope="col">${first} says</th><th scope="col">chance</th><th scope="col"><b ` +
    `class="lab-is-h">h</b></th><th scope="col"><b class="lab-is-c">c</b></th></tr></thead>` +
    `<tbody>${rows.join("")}</tbody></table></div>`;
}

/** Return what each readout believes after the chosen letter: its three likeliest classes. */
function readouts(data, state, { after }) {
  return Object.entries(after[state.step]).map(([name, chances]) => {
    const rows = order(chances).slice(0, 3).map((k) => (
      `<tr><th scope="row">${escape(data.classes[k])}</th><td class="lab-bars">${
        bar(chances[k])
      }</td><td class="lab-share">${percent(chances[k])}</td></tr>`
    ));
    return `<table class="lab-belief" data-tip="${name}: ${
      READ[name]
    }, through a linear layer and a softmax"><caption><code>${name}</code> ${
      READ[name]
    }</caption><tbody>${rows.join("")}</tbody></table>`;
  }).join("");
}

export const nameExplorer = {
  title: "Type a name, and watch the network make up its mind",
  help: "Type, or choose a letter to see what each readout believes after it.",
  state: { text: "", step: 0 },

  clean(data, state) {
    const text = [...String(state.text).normalize("NFC")].slice(0, MOST).join("");
    const last = Math.max(0, [...text].length - 1);
    return { text, step: Math.min(last, Math.max(0, Math.round(Number(state.step)) || 0)) };
  },

  controls: (data, state) =>
    [
      line("text", "a name", { size: 24, length: MOST }, state),
      data.examples.length
        ? list("example", "or one of these", [
          ["", "choose"],
          ...data.examples.map((text) => [text, text]),
        ], { example: "" })
        : "",
      playButton("letter by letter"),
    ].join(""),

  value: (
    data,
    state,
    key,
  ) => (key === "example" ? (data.examples.includes(state.text) ? state.text : "") : undefined),

  typed(data, state, key, control) {
    if (key === "example" && !control.value) return {};
    return { text: control.value, step: [...control.value].length - 1 };
  },

  pick: (data, state, step) => ({ step: Number(step) }),
  steps: (data, state) => (read(data, state.text) ? [...state.text].length : 0),
  at: (data, state, step) => ({ step }),

  says(data, state) {
    if (!state.text) {
      return "Type a name: of a language or a country, as it is called in one of the languages.";
    }
    const strange = unknown(data.letters, state.text);
    if (strange.length) {
      return `The network has no number for ${quoted(strange)}: it was in no name of the training.`;
    }
    const { after } = read(data, state.text);
    const best = Object.entries(after[state.step]).map((
      [name, chances],
    ) => [name, order(chances)[0]]);
    const read_ = [...state.text].slice(0, state.step + 1).join("");
    const agree = new Set(best.map(([, k]) => k)).size === 1;
    const words = agree
      ? `${best.length > 1 ? "all readouts say" : `${best[0][0]} says`} <b>${
        escape(data.classes[best[0][1]])
      }</b>`
      : best.map(([name, k]) => `${name} says <b>${escape(data.classes[k])}</b>`).join(", ");
    return `After "${escape(read_)}", ${words}.`;
  },

  display(data, state, uid) {
    const found = read(data, state.text);
    if (!found) return "";
    return `${letters(data, state, found, uid)}<div class="lab-beliefs">${
      readouts(data, state, found)
    }</div>`;
  },
};
