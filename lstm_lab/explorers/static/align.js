// Watch an encoder hand over to a decoder, step by step, with and without attention.

import {
  choice,
  escape,
  line,
  list,
  once,
  paint,
  playButton,
  quoted,
  shown,
  slider,
  strip,
  unknown,
  withEntry,
} from "./kit.js";
import { affine, part, run, softmax, weightsOf } from "./recurrent.js";

const MOST = 40; // letters of a source
const LONGEST = 30; // symbols of a target

const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);

const embedded = (table, number) =>
  Array.from(table.values.subarray(number * table.columns, (number + 1) * table.columns));

/** Return the final states as a decoder wants them: {h[layer][0], c[layer][0]}. */
function handover(model, weights, { h_n, c_n }) {
  if (!model.encoder.bidirectional) return { h: h_n, c: c_n };
  const bridged = (rows, k, squash) =>
    Array.from({ length: model.encoder.num_layers }, (_, layer) => [
      affine(weights[`encoder.bridges.${k}.weight`], [
        ...rows[2 * layer][0],
        ...rows[2 * layer + 1][0],
      ], weights[`encoder.bridges.${k}.bias`]).map(squash),
    ]);
  return { h: bridged(h_n, 0, Math.tanh), c: bridged(c_n, 1, (value) => value) };
}

/** Return how likely each symbol is next, and where the decoder looked. */
function decide(weights, h, output, keys) {
  let [read, attention] = [h, null];
  if (keys) {
    attention = softmax(keys.map((each) => dot(each, h)));
    const context = output[0].map((_, k) =>
      output.reduce((sum, state, t) => sum + attention[t] * state[k], 0)
    );
    read = affine(weights["decoder.join.weight"], [...h, ...context], weights["decoder.join.bias"])
      .map(Math.tanh);
  }
  return {
    chances: softmax(affine(weights["decoder.head.weight"], read, weights["decoder.head.bias"])),
    attention,
  };
}

/** Return all that happens: the encoder's states, what is handed over, and each symbol said. */
export function translate(data, name, text) {
  return once(data, [name, text], () => translated(data, name, text));
}

function translated(data, name, text) {
  const model = data.models[name];
  const weights = model.decoded ?? (model.decoded = weightsOf(model));
  const rows = [...text].map((letter) =>
    embedded(weights["encoder.embedding.weight"], [...data.letters].indexOf(letter) + 1)
  );
  const read = run({ ...model.encoder, decoded: part(weights, "encoder.layer.") }, [rows]);
  const decoder = { ...model.decoder, decoded: part(weights, "decoder.layer.") };
  const given = handover(model, weights, read);
  const key = weights["decoder.key.weight"];
  const keys = key && read.output[0].map((each) => affine(key, each));
  let [state, fed] = [given, data.start];
  const said = [];
  while (said.length < LONGEST) {
    const stepped = run(decoder, [[embedded(weights["decoder.embedding.weight"], fed)]], {
      hx: state,
    });
    const { chances, attention } = decide(weights, stepped.output[0][0], read.output[0], keys);
    // 0 is padding and the start symbol begins: neither is ever said.
    const best = chances.reduce(
      (top, chance, k) => (k && k !== data.start && (!top || chance > chances[top]) ? k : top),
      0,
    );
    state = { h: stepped.h_n, c: stepped.c_n };
    said.push({ symbol: best, chances, attention, h: state.h.at(-1)[0], c: state.c.at(-1)[0] });
    if (best === data.stop) break;
    fed = best;
  }
  return { output: read.output[0], trace: read.trace, given, said };
}

const known = (data, state) => state.text.length > 0 && !unknown(data.letters, state.text).length;
const symbolOf = (data, number) => [...data.symbols][number - 1];

/** Return what is done at a moment: letters are read, the state handed over, symbols said. */
function moments(data, state) {
  const letters = [...state.text].length;
  const said = known(data, state) ? translate(data, state.model, state.text).said.length : 0;
  return { letters, said, all: letters + 1 + said };
}

const visible = (state, moment) => moment <= state.clock;

function sourceRow(data, state, found, uid) {
  const letters = [...state.text];
  const current = state.clock - letters.length - 1;
  const look = current >= 0 ? found.said[Math.min(current, found.said.length - 1)].attention : null;
  const top = found.trace.at(-1);
  const largest = Math.max(1, ...top.flat(2).flatMap((record) => record.c.map(Math.abs)));
  const cells = letters.map((letter, t) => {
    const seen = visible(state, t);
    const now = t === state.clock ? " lab-now" : "";
    const style = seen && look ? paint("o", look[t]) : "";
    const states = seen
      ? `<span class="lab-strip" style="${
        strip("h", found.output[t], { down: true })
      }"></span><span class="lab-strip" style="${
        strip("c", top.flatMap((way) => way[0][t].c), { limit: largest, down: true })
      }"></span>`
      : "";
    const share = look ? `, attention ${shown(100 * look[t], 0)} %` : "";
    const name = letter === " " ? "space" : letter;
    return `<div class="lab-letter${now}" data-tip="letter ${t}, ${escape(name)}: h of shape (${
      found.output[t].length
    },) and c${share}">` +
      `<button type="button" id="${uid}-t${t}" class="lab-number" data-pick="${t}" ` +
      `data-row="0" data-column="${t}" aria-pressed="${t === state.clock}" tabindex="${
        t === state.clock ? 0 : -1
      }"` +
      ` aria-label="${escape(name)}, letter ${t}${share}" style="${style}">${
        letter === " " ? "\u2423" : escape(letter)
      }</button>${states}</div>`;
  });
  return `<p class="lab-label">encoder reads</p><div class="lab-scroll lab-source" data-panel ` +
    `role="group" aria-label="letters read; arrow keys move">${withEntry(cells.join(""))}</div>`;
}

function handoverRow(data, state, found) {
  const letters = [...state.text].length;
  const seen = visible(state, letters);
  const row = (quantity, values) =>
    `<div class="lab-given"><b class="lab-is-${quantity}">${quantity}_n</b><span ` +
    `class="lab-strip" style="${
      seen ? strip(quantity, values, { limit: Math.max(1, ...values.map(Math.abs)) }) : ""
    }"></span></div>`;
  const what = seen ? "handed over to the decoder" : "not handed over yet";
  return `<p class="lab-label${
    state.clock === letters ? " lab-now" : ""
  }">${what}</p><div class="lab-handover">${row("h", found.given.h.flat(2))}${
    row("c", found.given.c.flat(2))
  }</div>`;
}

function targetRow(data, state, found, uid) {
  const letters = [...state.text].length;
  const cells = found.said.map(({ symbol, chances, h, c }, k) => {
    const moment = letters + 1 + k;
    const seen = visible(state, moment);
    const name = symbolOf(data, symbol);
    const largest = Math.max(1, ...c.map(Math.abs));
    const states = seen
      ? `<span class="lab-strip" style="${
        strip("h", h, { down: true })
      }"></span><span class="lab-strip" style="${
        strip("c", c, { limit: largest, down: true })
      }"></span>`
      : "";
    const chance = `${shown(100 * chances[symbol], 0)} %`;
    return `<div class="lab-letter${
      moment === state.clock ? " lab-now" : ""
    }" data-tip="symbol ${k}, ${escape(name)}: probability ${chance}">` +
      `<button type="button" id="${uid}-s${k}" class="lab-number" data-pick="${moment}" ` +
      `data-row="0" data-column="${k}" aria-pressed="${moment === state.clock}" tabindex="${
        moment === state.clock ? 0 : -1
      }"` +
      ` aria-label="${
        seen ? `${escape(name)}, symbol ${k}, probability ${chance}` : `symbol ${k}, not said yet`
      }">${seen ? escape(name) : "\u00b7"}</button>${states}</div>`;
  });
  return `<p class="lab-label">decoder says</p><div class="lab-scroll lab-source" data-panel ` +
    `role="group" aria-label="symbols said; arrow keys move">${withEntry(cells.join(""))}</div>`;
}

/** Return the attention so far as a table: a row a symbol, a column a letter. */
function map(data, state, found) {
  const letters = [...state.text];
  if (!found.said[0].attention) {
    return "<p>Without attention, the decoder knows of the source what was handed over, and " +
      "nothing else.</p>";
  }
  const head = letters.map((letter) =>
    `<th scope="col">${letter === " " ? "\u2423" : escape(letter)}</th>`
  ).join("");
  const rows = found.said.map(({ symbol, attention }, k) => {
    const seen = visible(state, letters.length + 1 + k);
    const cells = attention.map((
      weight,
      t,
    ) => (seen
      ? `<td data-tip="${shown(100 * weight, 0)} % of the attention of ${
        escape(symbolOf(data, symbol))
      } on letter ${t}" style="${paint("o", weight)}"><span class="lab-heard">${
        shown(weight)
      }</span></td>`
      : "<td></td>")
    );
    return `<tr class="${
      letters.length + 1 + k === state.clock ? "lab-now" : ""
    }"><th scope="row">${seen ? escape(symbolOf(data, symbol)) : "\u00b7"}</th>${
      cells.join("")
    }</tr>`;
  });
  return `<div class="lab-scroll lab-map" tabindex="0" role="group" aria-label="attention of ` +
    `each symbol on each ` +
    `letter"><table><caption>attention</caption><thead><tr><td></td>${head}</tr></thead><tbody>${
      rows.join("")
    }</tbody></table></div>`;
}

export const alignExplorer = {
  title: "From one sequence to another, step by step",
  help: "Type, or choose an example; then move through the steps.",
  state: { text: "", model: "", clock: 999 },

  clean(data, state) {
    const text = [...String(state.text).normalize("NFC")].slice(0, MOST).join("");
    const model = Object.hasOwn(data.models, state.model)
      ? state.model
      : Object.keys(data.models)[0];
    const { all } = moments(data, { text, model });
    const clock = Math.round(Number(state.clock)) || 0;
    return { text, model, clock: clock < 0 ? 0 : Math.min(clock, Math.max(0, all - 1)) };
  },

  controls(data, state, uid) {
    const names = Object.keys(data.models);
    const examples = [["", "choose"], ...data.examples.map((text) => [text, text])];
    return [
      line("text", "source", { size: 26, length: MOST }, state),
      data.examples.length ? list("example", "or one of these", examples, { example: "" }) : "",
      names.length > 1
        ? choice(uid, "model", "decoder", names.map((name) => [name, name]), state)
        : "",
      slider("clock", "moment", { min: 0, max: moments(data, state).all - 1 }, state),
      playButton("step by step"),
    ].join("");
  },

  sync(form, data, state) {
    form.querySelector('[data-key="clock"]').max = Math.max(0, moments(data, state).all - 1);
  },

  value: (
    data,
    state,
    key,
  ) => (key === "example" ? (data.examples.includes(state.text) ? state.text : "") : undefined),

  typed(data, state, key, control) {
    if (key === "example" && !control.value) return {};
    if (key === "text" || key === "example") return { text: control.value, clock: 999 };
    return key === "model"
      ? {
        model: control.value,
        clock: state.clock === moments(data, state).all - 1 ? 999 : state.clock,
      }
      : null;
  },

  pick: (data, state, clock) => ({ clock: Number(clock) }),
  steps: (data, state) => (known(data, state) ? moments(data, state).all : 0),
  at: (data, state, clock) => ({ clock }),

  says(data, state) {
    if (!state.text) return "Type a source.";
    const strange = unknown(data.letters, state.text);
    if (strange.length) {
      return `The network has no number for ${
        quoted(strange)
      }: it was in no source of the training.`;
    }
    const { said } = translate(data, state.model, state.text);
    const letters = [...state.text];
    if (state.clock < letters.length) {
      return `The encoder has read "${escape(letters.slice(0, state.clock + 1).join(""))}".`;
    }
    if (state.clock === letters.length) {
      return "The encoder has read all; its h and c are handed over.";
    }
    const k = state.clock - letters.length - 1;
    const { symbol, chances, attention } = said[k];
    const so = said.slice(0, k + 1).filter((each) => each.symbol !== data.stop).map((each) =>
      symbolOf(data, each.symbol)
    );
    const top = attention ? attention.indexOf(Math.max(...attention)) : -1;
    const looks = attention
      ? `, and ${shown(100 * attention[top], 0)} % of its attention lay on letter ${top}, "${
        escape(letters[top])
      }"`
      : "";
    const cut = k === LONGEST - 1 && symbol !== data.stop
      ? ` It was cut after ${LONGEST} symbols.`
      : "";
    return `The decoder has said <b>${escape(so.join(data.joint))}</b>. Its ${
      symbol === data.stop ? "stop symbol" : `"${escape(symbolOf(data, symbol))}"`
    } had a probability of ${shown(100 * chances[symbol], 0)} %${looks}.${cut}`;
  },

  display(data, state, uid) {
    if (!known(data, state)) return "";
    const found = translate(data, state.model, state.text);
    return `${sourceRow(data, state, found, uid)}${handoverRow(data, state, found)}${
      targetRow(data, state, found, uid)
    }${map(data, state, found)}`;
  },
};
