// The drawings of the chapters: explorers without controls, plain functions from data to a picture.

import {
  bars,
  box,
  cross,
  FLOW,
  frame,
  layouts,
  letter,
  mono,
  picture,
  range,
  ribbon,
  scissors,
  soft,
  tag,
  text,
  tile,
  visible,
  wire,
} from "./draw.js";
import { tensorBoxes } from "./boxes.js";
import { shapes } from "./calculator.js";
import { cellPicture } from "./cell.js";
import { percent, shown } from "./kit.js";
import { run, weightsOf } from "./recurrent.js";

const largest = (values) => Math.max(0.05, ...values.flat(9).map(Math.abs));

/** Return an arrow up or down, and one to the right or to the left. */
const rising = (quantity, x, from, to, style) =>
  wire(quantity, [[x, from], [x, to]], { arrow: 4, width: 1.5, ...style });
const onward = (quantity, y, from, to, style) =>
  wire(quantity, [[from, y], [to, y]], { arrow: 4, ...style });

/** Return columns between two margins: where each begins, its middle, and how wide it is. */
function columns(left, right, count, gap) {
  const size = (right - left) / count;
  const width = size - gap;
  const at = (k) => left + k * size + gap / 2;
  return { width, at, middle: (k) => at(k) + width / 2, end: (k) => at(k) + width };
}

/** A stack as a box: what goes in, what comes out on top, and what comes out at the end. */
function stack({ network, x }, width) {
  const narrow = width < 500;
  const { output, h_n, c_n } = run(network, x);
  const [steps, layers] = [x[0].length, network.num_layers];
  const [row, right] = narrow ? [9, width - 100] : [14, width - 160];
  const lane = columns(narrow ? 54 : 70, right, steps, narrow ? 12 : 22);
  const size = network.hidden_size * row + 4;
  const [cell, rise] = [2 * size + 14, 24];
  const numbers = !narrow;
  const top = (layer) => 30 + size + rise + (layers - 1 - layer) * (cell + rise);
  const bottom = top(0) + cell + rise;
  const limit = largest([h_n, c_n]);
  const parts = [
    frame("output", {
      x: lane.at(0) - 5,
      y: 24,
      width: lane.end(steps - 1) - lane.at(0) + 10,
      height: size + 8,
    }, { label: "output", kind: "lab-shown" }),
    mono(narrow ? 22 : 36, bottom + 14, "x", "input"),
    soft(narrow ? 22 : 36, bottom + 2 * row + 18, "step", "middle"),
  ];
  for (const t of range(steps)) {
    const place = { x: lane.at(t), width: lane.width, row, numbers };
    parts.push(
      tile("h", output[0][t], { ...place, y: 30, limit }),
      tile("input", x[0][t], { ...place, y: bottom + 2, limit: largest(x[0]) }),
      soft(lane.middle(t), bottom + 2 * row + 18, t, "middle"),
      rising("input", lane.middle(t), bottom, bottom - rise + 2, FLOW.h),
    );
    for (const layer of range(layers)) {
      const y = top(layer);
      parts.push(
        box(lane.at(t), y, lane.width, cell, "lab-cell"),
        soft(lane.at(t) + 5, y + cell / 2 + 4, t ? "" : `layer ${layer}`),
        rising("h", lane.middle(t), y, y - rise + 4, FLOW.h),
      );
    }
  }
  for (const layer of range(layers)) {
    for (const [k, q, last] of [[0, "h", h_n[layer][0]], [1, "c", c_n[layer][0]]]) {
      const y = top(layer) + 5 + k * (size + 4) + size / 2;
      const start = lane.at(0) - (narrow ? 10 : 22);
      for (const t of range(steps + 1)) {
        const from = t ? lane.end(t - 1) : start;
        parts.push(onward(q, y, from, t < steps ? lane.at(t) : right + 8, FLOW[q]));
      }
      parts.push(
        mono(start - 4, y + 4.5, `${q}_0[${layer}]`, q, "end"),
        tile(q, last, {
          x: right + 8,
          y: y - size / 2 + 2,
          width: narrow ? 32 : 88,
          row,
          limit,
          numbers,
        }),
        mono(right + (narrow ? 44 : 102), y + 4.5, `${q}_n[${layer}]`, q, ""),
      );
    }
  }
  const corner = right + (narrow ? 24 : 52);
  parts.push(
    wire("output", [[lane.end(steps - 1) + 7, 72], [corner, 72], [corner, top(layers - 1) - 1]], {
      width: 1.5,
      arrow: 4,
      kind: "lab-dashed",
    }),
    mono(narrow ? width : corner - 4, 46, "output[:, -1]", "output", narrow ? "end" : ""),
    soft(narrow ? width : corner - 4, 62, "is this too", narrow ? "end" : ""),
  );
  return picture(width, bottom + 2 * row + 24, parts, {
    title: `A stack of ${layers} layers over ${steps} steps, and what it takes and returns`,
    describe: `The input x comes from below, the initial states h_0 and c_0 from the left. ` +
      `output leaves at the top, one vector for each step; h_n and c_n leave on the right, one ` +
      `vector for each layer. The last vector of output and h_n[${layers - 1}] are the same.`,
  });
}

/** Two layers that read in opposite ways; below each step, which steps it has seen. */
function directions({ seen }, width) {
  const steps = seen.forward.length;
  const narrow = width < 500;
  const lane = columns(narrow ? 56 : 104, width - (narrow ? 56 : 104), steps, narrow ? 8 : 18);
  const last = steps - 1;
  const [back, fore, word] = [100, 178, 254];
  const behind = [];
  const parts = [narrow ? "" : soft(0, 14, "one layer")];
  for (const [y, words, way] of [[back, "backward", -1], [fore, "forward", 1]]) {
    parts.push(soft(0, y - 8, words));
    for (const t of range(steps)) {
      const reached = seen[words][t];
      const slot = (lane.width - 8) / steps;
      const count = reached.filter(Boolean).length;
      parts.push(
        box(lane.at(t), y, lane.width, 44, "lab-cell"),
        ...range(steps).map((k) => (
          tag("rect", {
            class: reached[k] ? "lab-bar q-input" : "lab-paper",
            x: lane.at(t) + 4 + k * slot,
            y: y + 26,
            width: Math.max(2, slot - 1.5),
            height: 11,
          })
        )),
        soft(lane.middle(t), y + 18, narrow ? count : `${count} of ${steps}`, "middle"),
      );
      const [from, to] = way > 0
        ? [lane.end(t), t < last ? lane.at(t + 1) : lane.end(t) + 14]
        : [lane.at(t), t ? lane.end(t - 1) : lane.at(t) - 14];
      parts.push(onward("h", y + 22, from, to, FLOW.h));
    }
  }
  for (const t of range(steps)) {
    const x = lane.middle(t);
    behind.push(
      rising("input", x + 7, word - 2, back + 46),
      rising("h", x - 7, fore, 62),
      rising("h", x + 3, back, 62),
    );
    parts.push(
      letter(x - 13, word, 26, t),
      rising("input", x - 3, word - 2, fore + 46),
      ...[27, 43].map((y) =>
        tag("rect", {
          class: "lab-bar q-h",
          x: lane.at(t),
          y,
          width: lane.width,
          height: 13,
          rx: 2,
        })
      ),
    );
  }
  const ends = [[0, back, "h_n[1]", lane.at(0) - 17, "end"], [
    last,
    fore,
    "h_n[0]",
    lane.end(last) + 17,
    "",
  ]];
  for (const [t, y, words, x, anchor] of ends) {
    const around = { x: lane.at(t) - 3, y: y - 3, width: lane.width + 6, height: 50, rx: 7 };
    parts.push(
      tag("rect", { class: "lab-line lab-dashed q-h", ...around }),
      mono(x, y + 27, words, "h", anchor),
    );
  }
  parts.push(
    frame("output", {
      x: lane.at(0) - 5,
      y: 22,
      width: lane.end(last) - lane.at(0) + 10,
      height: 38,
    }, { label: "output", kind: "lab-shown" }),
    cross(lane.middle(last) + 3, 80, 8),
    soft(lane.end(last) + 10, 38, narrow ? "back" : "backward"),
    soft(lane.end(last) + 10, 54, narrow ? "forw." : "forward"),
    soft(lane.middle(last) + 20, 78, narrow ? "not" : "output[:, -1]"),
    soft(lane.middle(last) + 20, 92, narrow ? "its end" : "is not its end"),
    mono(lane.at(0) - 14, word + 18, "x", "input", "end"),
  );
  return picture(width, word + 30, [...behind, ...parts], {
    title: "Two directions over the same steps, each with its own end",
    describe:
      `The forward row runs to the right and ends at step ${last}, its end is h_n[0]. The ` +
      `backward row runs to the left and ends at step 0, its end is h_n[1]. At step ${last} the ` +
      `backward row has read ${
        seen.backward[last].filter(Boolean).length
      } of ${steps} steps; output[:, -1] holds that state, and the way to it ` +
      "is crossed out.",
  });
}

/** A padded batch, and the same letters packed: column by column, without padding. */
function packing({ texts, order, batch_sizes }, width) {
  const narrow = width < 500;
  const rows = texts.map((each) => [...each]);
  const longest = Math.max(...rows.map((row) => row.length));
  const size = Math.min(34, (narrow ? width - 40 : width / 2 - 60) / longest);
  const side = narrow ? 0 : width / 2 + 40;
  const below = narrow ? rows.length * size + 76 : 0;
  const parts = [
    soft(0, 16, "padded: a rectangle"),
    soft(side, below + 16, "packed: the columns of what is there"),
  ];
  rows.forEach((row, k) => {
    for (const t of range(longest)) {
      const place = [t * size, 26 + k * size, size - 3];
      parts.push(
        t < row.length
          ? letter(...place, row[t], { kind: `q-class-${k} lab-tint` })
          : box(...place, size - 3, "lab-padding"),
      );
    }
  });
  batch_sizes.forEach((count, t) => {
    range(count).forEach((k) => {
      parts.push(letter(side + t * size, below + 26 + k * size, size - 3, rows[order[k]][t], {
        kind: `q-class-${order[k]} lab-tint`,
      }));
    });
    parts.push(
      mono(side + t * size + size / 2 - 1.5, below + 44 + rows.length * size, count),
    );
  });
  parts.push(
    mono(side, below + 62 + rows.length * size, "batch_sizes", "", ""),
    soft(
      0,
      44 + rows.length * size,
      `${rows.length * longest} steps, ${
        rows.length * longest - batch_sizes.reduce((a, b) => a + b, 0)
      } of them padding`,
    ),
  );
  if (!narrow) {
    parts.push(
      onward("soft", 26 + rows.length * size / 2, width / 2 - 28, width / 2 + 24, { arrow: 6 }),
    );
  }
  return picture(width, below + 70 + rows.length * size, parts, {
    title: "A padded batch beside its pack",
    describe:
      `${rows.length} sequences (${texts.join(", ")}), padded to ${longest} steps. Packed, ` +
      `the longest comes first, and step after step as many are left as batch_sizes says: ` +
      `${batch_sizes.join(", ")}.`,
  });
}

/** The four vectors that a classifier may read, and where each comes from. */
function readouts({ network, x }, width) {
  const narrow = width < 500;
  const records = run(network, x).trace.at(-1)[0][0];
  const steps = records.length;
  const [h, c] = ["h", "c"].map((quantity) => records.map((record) => record[quantity]));
  const over = (join) => h[0].map((_, unit) => join(h.map((state) => state[unit])));
  const four = [
    ["mean over time", "h", over((values) => values.reduce((a, b) => a + b) / steps)],
    ["max over time", "h", over((values) => Math.max(...values))],
    ["h_n[-1]", "h", h.at(-1)],
    ["c_n[-1]", "c", c.at(-1)],
  ];
  const lane = columns(narrow ? 24 : 60, width - (narrow ? 8 : 60), steps, narrow ? 8 : 18);
  const out = columns(0, width, 4, narrow ? 8 : 60);
  const row = narrow ? 9 : 13;
  const size = h[0].length * row + 4;
  const limit = { h: largest(h), c: largest(c) };
  const [high, low, read] = [2 * size + 22, 2 * size + 46, 2 * size + 76];
  const parts = [
    mono(narrow ? 8 : 40, size / 2 + 4, "c", "c"),
    mono(narrow ? 8 : 40, size * 1.5 + 12, "h", "h"),
  ];
  range(steps).forEach((t) => {
    const place = { x: lane.at(t), width: lane.width, row, numbers: false };
    parts.push(
      tile("c", c[t], { ...place, y: 2, limit: limit.c }),
      tile("h", h[t], { ...place, y: size + 10, limit: limit.h }),
    );
    if (t < steps - 1) {
      parts.push(
        onward("c", size / 2, lane.end(t), lane.at(t + 1), { width: 4 }),
        onward("h", size * 1.5 + 8, lane.end(t), lane.at(t + 1)),
      );
    }
  });
  const bracket = `M${lane.at(0)} ${high - 8}V${high}H${lane.end(steps - 1) - 4}V${high - 8}`;
  parts.push(tag("path", { class: "lab-bracket q-h", d: bracket }));
  four.forEach(([words, quantity, values], k) => {
    const x = out.middle(k);
    const from = k < 2
      ? [[x, high], [x, read - 22]]
      : k === 2
      ? [[lane.middle(steps - 1), size * 2 + 10], [lane.middle(steps - 1), low - 4], [x, low - 4], [
        x,
        read - 22,
      ]]
      : [
        [lane.end(steps - 1), size / 2],
        [width - 3, size / 2],
        [width - 3, low - 10],
        [x, low - 10],
        [x, read - 22],
      ];
    parts.push(
      wire(quantity, from, { arrow: 4.5, width: quantity === "c" ? 4 : 2 }),
      mono(x, read - 8, narrow ? words.replace(" over time", "") : words, quantity),
      tile(quantity, values, {
        x: out.at(k),
        y: read + 2,
        width: out.width,
        row,
        limit: limit[quantity],
        numbers: !narrow,
      }),
      rising(quantity, x, read + size, read + size + 22, FLOW.h),
    );
  });
  const y = read + size + 24;
  parts.push(
    box(0, y, width, 32, "lab-cell"),
    mono(width / 2, y + 21, "one of them: nn.Linear(hidden_size, classes)"),
  );
  return picture(width, y + 34, parts, {
    title: "Four vectors that a classifier may read",
    describe:
      `Over ${steps} steps a layer has a cell state c and a hidden state h at each. h_n[-1] ` +
      "is the last h and c_n[-1] the last c; mean and max are taken over all h. One of the four " +
      "goes into a linear layer.",
  });
}

/** A guess from both sides of a gap; beside it, the next value from one side. */
function gap({ word, place }, width) {
  const narrow = width < 500;
  const letters = [...word];
  const half = narrow ? width : width / 2 - 4;
  const lane = columns(66, half, letters.length, 10);
  const rows = { guess: 26, back: 84, fore: 132, word: 186 };
  const x = lane.middle(place);
  // From the state beside the gap to the guess; the forward one passes behind the other row.
  const read = (t, row, side) => {
    const [from, turn] = [lane.middle(t), rows.guess + 40];
    const points = [[from, row], [from, turn], [x + side, turn], [x + side, turn - 8]];
    return wire("h", points, { arrow: 4, width: 2.5 });
  };
  const both = [
    soft(0, 14, "the gap: forward t \u2212 1, backward t + 1"),
    soft(0, rows.back + 17, "backward"),
    soft(0, rows.fore + 17, "forward"),
    read(place - 1, rows.fore, -8),
    read(place + 1, rows.back, 8),
  ];
  letters.forEach((each, t) => {
    const [asked, x] = [t === place, lane.middle(t)];
    both.push(
      box(lane.at(t), rows.back, lane.width, 26, "lab-cell"),
      box(lane.at(t), rows.fore, lane.width, 26, "lab-cell"),
      letter(x - 14, rows.word, 28, asked ? "" : each, { kind: asked ? "lab-padding" : "" }),
      asked ? "" : rising("input", x, rows.word - 2, rows.fore + 28),
    );
    if (t === 0) return;
    // What has been to the gap is of no use to this guess.
    const past = (useful) => ({ kind: useful ? "" : "lab-later" });
    both.push(
      onward("h", rows.fore + 13, lane.end(t - 1), lane.at(t), past(t < place)),
      onward("h", rows.back + 13, lane.at(t), lane.end(t - 1), past(t > place + 1)),
    );
  });
  both.push(
    cross(x, rows.back + 13, 9),
    cross(x, rows.fore + 13, 9),
    letter(x - 14, rows.guess, 28, "?", { kind: "lab-now" }),
  );
  const next = letters.slice(0, -1);
  const shift = [soft(66, 14, "the next one: the input, shifted by one")];
  next.forEach((each, t) => {
    const x = lane.middle(t);
    shift.push(
      letter(x - 14, rows.word, 28, each),
      box(lane.at(t), rows.fore, lane.width, 26, "lab-cell"),
      letter(x - 14, rows.back - 12, 28, letters[t + 1], { kind: "lab-now" }),
      rising("input", x, rows.word - 2, rows.fore + 28),
      rising("output", x, rows.fore - 2, rows.back + 18),
      t ? onward("h", rows.fore + 13, lane.end(t - 1), lane.at(t)) : "",
    );
  });
  const end = lane.end(next.length - 1) + 8;
  shift.push(soft(end, rows.back + 6, "asked"), soft(end, rows.word + 18, "fed"));
  const move = narrow ? "translate(0 222)" : `translate(${half - 34} 0)`;
  return picture(width, narrow ? 460 : 236, [
    ...both,
    tag("g", { transform: move }, shift.join("")),
  ], {
    title: "Two ways to predict without peeking",
    describe:
      `Left, the letter at place ${place} of ${word} is guessed from the forward state at ` +
      `place ${place - 1} and the backward state at place ${place + 1}; both states at the place ` +
      "itself have read it and are crossed out. Right, in one direction, each step is asked for " +
      "the letter that follows.",
  });
}

/** Chunks of one long sequence: numbers go on, gradients are cut. */
function chunks({ states, chunk }, width) {
  const narrow = width < 500;
  const count = states.length + 1;
  const lane = columns(0, width, count, narrow ? 62 : 110);
  const row = 9;
  const size = states[0].h.length * row + 4;
  const limit = Object.fromEntries(
    ["h", "c"].map((q) => [q, largest(states.map((each) => each[q]))]),
  );
  const parts = [];
  for (const k of range(count)) {
    const [x, middle] = [lane.at(k), lane.middle(k)];
    parts.push(
      box(x, 40, lane.width, 76, "lab-cell"),
      mono(
        middle,
        74,
        narrow
          ? `${k * chunk}\u2013${(k + 1) * chunk - 1}`
          : `steps ${k * chunk}\u2013${(k + 1) * chunk - 1}`,
      ),
      rising("soft", middle, 40, 20, FLOW.h),
      soft(middle, 14, "loss", "middle"),
      onward("soft", 158, lane.end(k) - 6, x + 6, { arrow: 5, kind: "lab-gradient" }),
    );
    if (k === count - 1) continue;
    const [from, to] = [lane.end(k), lane.at(k + 1)];
    const tileWidth = Math.min(60, to - from - 34);
    const left = (from + to - tileWidth) / 2;
    for (const [q, y] of [["h", 44], ["c", 54 + size]]) {
      parts.push(
        onward(q, y + size / 2, from, left, { ...FLOW[q], arrow: 0 }),
        onward(q, y + size / 2, left + tileWidth, to, FLOW[q]),
        tile(q, states[k][q], {
          x: left,
          y: y + 2,
          width: tileWidth,
          row,
          limit: limit[q],
          numbers: false,
        }),
      );
    }
    parts.push(
      tag("path", { class: "lab-cutline", d: `M${(from + to) / 2} 146V172` }),
      scissors((from + to) / 2 - 2, 158),
      mono((from + to) / 2, 192, ".detach()"),
      mono((from + to) / 2, 30, "h, c"),
    );
  }
  parts.push(soft(lane.middle(0), 176, "gradient", "middle"));
  return picture(width, 200, parts, {
    title: "Chunks of a long sequence, with the state handed on and the gradient cut",
    describe:
      `${count} chunks of ${chunk} steps. Between them h and c pass as numbers. The gradient ` +
      "of each loss runs back through its own chunk and stops at detach.",
  });
}

/** Letters in cells that hand on h and c. */
const chain = (letters, lane, y, size) =>
  letters.map((each, t) => {
    const [from, to] = [lane.middle(t) - lane.width + size / 2, lane.middle(t) - size / 2];
    const handed = ["h", "c"].map((q, k) =>
      onward(q, y + size / 2 + 6 * k - 3, from, to, { ...FLOW[q], arrow: 0 })
    );
    return letter(to, y, size, each) + (t ? handed.join("") : "");
  });

/** An encoder, what it hands over, and a decoder with its target shifted by one. */
function handover({ source, fed, asked, numbers }, width) {
  const [above, below, said] = [[...source], [...fed], [...asked]];
  const narrow = width < 500;
  const count = Math.max(above.length, below.length);
  const size = narrow ? (width - 46) / count - 1 : 36;
  const lane = columns(22, 22 + count * (size + (narrow ? 1 : 16)), count, 0);
  const right = Math.min(width - 4, lane.middle(above.length - 1) + size / 2 + 22);
  const [encoder, pipe, decoder] = [24, 94, 174];
  const parts = [
    soft(22, 14, "the encoder reads"),
    ...chain(above, lane, encoder, size),
    ...["h", "c"].map((q, k) => {
      const [out, into] = [encoder, decoder].map((y) => y + size / 2 + 6 * k - 3);
      const [left, end, middle] = [8 + 7 * k, right - 7 * k, pipe + 7 - 7 * k];
      return wire(q, [
        [lane.middle(above.length - 1) + size / 2, out],
        [end, out],
        [end, middle],
        [left, middle],
        [left, into],
        [lane.middle(0) - size / 2 - 1, into],
      ], FLOW[q]);
    }),
    tag("rect", { class: "lab-ground", x: width / 2 - 110, y: pipe - 12, width: 220, height: 30 }),
    mono(width / 2, pipe + 8, `h_n, c_n: ${numbers} numbers`),
    soft(22, decoder - 46, "the decoder"),
    ...chain(below.map(() => ""), lane, decoder, size),
    soft(lane.middle(below.length - 1) + size / 2 + 5, decoder - 24, "asked"),
    soft(lane.middle(below.length - 1) + size / 2 + 5, decoder + size + 31, "fed"),
  ];
  below.forEach((each, t) => {
    const x = lane.middle(t);
    parts.push(
      mono(x, decoder - 24, said[t], "output"),
      rising("output", x, decoder - 1, decoder - 18),
      rising("input", x, decoder + size + 18, decoder + size + 2),
      mono(x, decoder + size + 32, each),
    );
  });
  return picture(width, decoder + size + 40, parts, {
    title: "An encoder hands its final state to a decoder",
    describe:
      `The encoder reads ${source}. Its h_n and c_n, ${numbers} numbers, start the decoder. ` +
      `The decoder is fed ${fed} and asked for ${asked}: the same symbols, one step on.`,
  });
}

/** One step of attention: a query, its scores, their softmax, and the mean. */
function attention({ query, output, scores, weights, context }, width) {
  const narrow = width < 500;
  const steps = output.length;
  const row = narrow ? 8 : 11;
  const size = query.length * row + 4;
  const lane = columns(narrow ? 62 : 172, width - (narrow ? 66 : 150), steps, narrow ? 8 : 20);
  const small = { row, limit: largest([output, context]), numbers: false };
  const high = Math.max(...weights);
  const side = narrow ? 48 : 84;
  const [keys, sums, shares] = [26, 26 + size + 40, 26 + size + 58];
  const met = keys + size + 14; // where the query meets the first output
  const tall = 60;
  const top = shares + tall + 26;
  const out = width - side / 2;
  const parts = [
    soft(0, keys - 8, narrow ? "query" : "1 query: the decoder\u2019s h"),
    tile("h", query, { ...small, limit: largest(query), x: 0, y: keys + 2, width: side }),
    soft(
      lane.at(0),
      keys - 8,
      narrow ? "output, each step" : "output, one vector for each step of the source",
    ),
    soft(0, sums + 4, narrow ? "score" : "2 score: query \u00b7 output[t]"),
    soft(0, shares + tall - 4, narrow ? "softmax" : "3 weight: softmax"),
    soft(width, keys - 8, "context", "end"),
    tile("output", context, { ...small, x: width - side, y: keys + 2, width: side }),
    soft(out - 12, (keys + size + top) / 2 + 8, narrow ? "mean" : "4 mean of output,", "end"),
    soft(out - 12, (keys + size + top) / 2 + 24, narrow ? "" : "so weighted", "end"),
    wire("h", [[side / 2, keys + size], [side / 2, met], [lane.middle(0) - 12, met]], {
      arrow: 4,
      width: 1.5,
    }),
  ];
  range(steps).forEach((t) => {
    const [x, up] = [lane.middle(t), weights[t] / high * tall];
    parts.push(
      tile("output", output[t], { ...small, x: lane.at(t), y: keys + 2, width: lane.width }),
      rising("output", x, keys + size, sums - 12),
      text(x, sums + 4, shown(scores[t]), {
        kind: "lab-num",
        anchor: "middle",
        quantity: "attention",
      }),
      tag("rect", {
        class: "lab-bar q-attention",
        x: x - 11,
        y: shares + tall - up,
        width: 22,
        height: Math.max(0.5, up),
      }),
      text(x, shares + tall + 15, percent(weights[t]).replace("less than 1", "<1"), {
        kind: "lab-num",
        anchor: "middle",
      }),
    );
  });
  range(steps).forEach((t) => {
    parts.push(
      ribbon(
        "attention",
        [lane.middle(t), shares + tall + 20],
        [lane.middle(t), top + 6],
        weights[t] * 14,
      ),
    );
  });
  parts.push(
    wire("attention", [[lane.middle(0), top + 8], [out, top + 8], [out, keys + size + 6]], {
      width: 4,
      arrow: 6,
    }),
  );
  return picture(width, top + 16, parts, {
    title: "One step of attention",
    describe:
      `The query meets each of ${steps} vectors of output in a product, which gives a score ` +
      `for each: ${
        scores.map((each) => shown(each)).join(", ")
      }. A softmax makes weights of them: ` +
      `${weights.map(percent).join(", ")}. The mean of output with these weights is the context.`,
  });
}

/** A stack in training: masks lie on the arrows upward, and nowhere else. */
function dropout({ masks }, width) {
  const narrow = width < 500;
  const [layers, steps, units] = [masks.length + 1, masks[0].length, masks[0][0].length];
  const lane = columns(narrow ? 46 : 90, width - (narrow ? 62 : 90), steps, narrow ? 12 : 34);
  const [cell, rise] = [38, 50];
  const top = (layer) => 44 + (layers - 1 - layer) * (cell + rise);
  const bottom = top(0) + cell + 26;
  const parts = [
    narrow ? "" : soft(0, 44 + cell + rise / 2 + 4, "\u2715 dropped"),
    mono(lane.at(0), 14, "output: nothing dropped", "output", ""),
    mono(lane.at(0) - 12, bottom + 16, "x", "input", "end"),
  ];
  for (const layer of range(layers)) {
    const y = top(layer);
    parts.push(soft(0, y + cell / 2 + 4, `layer ${layer}`));
    for (const t of range(steps)) {
      const x = lane.middle(t);
      const next = t < steps - 1 ? lane.at(t + 1) : lane.end(t) + 16;
      parts.push(
        box(lane.at(t), y, lane.width, cell, "lab-cell"),
        onward("h", y + 11, lane.end(t), next, FLOW.h),
        onward("c", y + 27, lane.end(t), next, FLOW.c),
      );
      if (layer === layers - 1) {
        parts.push(rising("output", x, y, y - 22, FLOW.h));
        continue;
      }
      const wide = Math.min(15, lane.width / units);
      parts.push(rising("h", x, y, y - rise + 1, { ...FLOW.h, kind: "lab-behind" }));
      masks[layer][t].forEach((kept, unit) => {
        const [left, up] = [x + (unit - units / 2) * wide, y - rise / 2 - 7];
        parts.push(
          tag("rect", {
            class: kept ? "lab-bar q-h" : "lab-paper",
            x: left,
            y: up,
            width: wide - 2,
            height: 14,
          }),
          kept ? "" : cross(left + wide / 2 - 1, up + 7, 4),
        );
      });
    }
    const y2 = y + cell / 2 + 4;
    parts.push(
      mono(lane.end(steps - 1) + 20, y2 - 4, `h_n[${layer}]`, "h", ""),
      mono(lane.end(steps - 1) + 20, y2 + 12, `c_n[${layer}]`, "c", ""),
    );
  }
  range(steps).forEach((t) => {
    parts.push(
      letter(lane.middle(t) - 12, bottom, 24, t),
      rising("input", lane.middle(t), bottom - 1, top(0) + cell + 2),
    );
  });
  const dropped = masks.flat(2).filter((kept) => !kept).length;
  return picture(width, bottom + 28, parts, {
    title: "Dropout lies between the layers",
    describe: `${layers} layers over ${steps} steps. On each arrow from a layer to the one above ` +
      `lies a mask of ${units} units, a fresh one for each step; ${dropped} of ${
        masks.flat(2).length
      } ` +
      "are dropped. The arrows from step to step, output, h_n and c_n bear no mask.",
  });
}

/** Two runs of a counter that exchange c and keep h. */
function swap({ counts, states, waits }, width) {
  const narrow = width < 500;
  const [left, middle, right] = narrow ? [96, 196, 246] : [236, 430, 500];
  const size = states[0].h.length * 14 + 4;
  const gapY = 2 * size + 46;
  const limit = {
    h: largest(states.map((each) => each.h)),
    c: largest(states.map((each) => each.c)),
  };
  const parts = [];
  const wide = narrow ? 62 : 96;
  counts.forEach((count, k) => {
    const y = 26 + k * gapY;
    const words = narrow || count > 6 ? `a\u00d7${count} X` : `${"a".repeat(count)}X`;
    parts.push(
      mono(0, y + size + 8, narrow ? words : `reads ${"a".repeat(count)}X`, "", ""),
      onward("soft", y + size + 4, left - (narrow ? 32 : 62), left - 6, { arrow: 5, width: 1.5 }),
    );
    ["h", "c"].forEach((q, lane) => {
      const at = y + lane * (size + 8);
      parts.push(
        tile(q, states[k][q], {
          x: left,
          y: at + 2,
          width: wide,
          row: 14,
          limit: limit[q],
          numbers: !narrow,
        }),
        mono(left + wide + 8, at + size / 2 + 4, q, q, ""),
      );
    });
    parts.push(
      box(right, y, narrow ? 100 : 180, 2 * size + 8, "lab-cell"),
      soft(right + (narrow ? 50 : 90), y + size - 2, "how many b?", "middle"),
      text(right + (narrow ? 50 : 90), y + size + 20, waits[k], {
        kind: "lab-code lab-strong",
        anchor: "middle",
      }),
    );
  });
  const from = left + wide + 24;
  counts.forEach((_, k) => {
    const [y, other] = [26 + k * gapY, 26 + (1 - k) * gapY];
    parts.push(
      onward("h", y + size / 2, from, right - 2, { arrow: 5 }),
      wire("c", [
        [from, y + 1.5 * size + 8],
        [from + 12, y + 1.5 * size + 8],
        [right - 22, other + 1.5 * size + 8],
        [right - 3, other + 1.5 * size + 8],
      ], FLOW.c),
    );
  });
  parts.push(soft(middle - 10, 14, "h stays, c is exchanged", "middle"));
  return picture(width, 26 + gapY + 2 * size + 16, parts, {
    title: "Two runs exchange their cell states",
    describe:
      `One run has read ${counts[0]} a, the other ${counts[1]}. Each keeps its h and takes the ` +
      `other's c. Then the first waits for ${waits[0]} b and the second for ${waits[1]}.`,
  });
}

/** A layer's weight matrices as four bands, a gate each. */
function bands({ network }, width) {
  const narrow = width < 500;
  const weights = weightsOf(network);
  const size = network.hidden_size;
  const words = { i: "input gate", f: "forget gate", g: "cell gate", o: "output gate" };
  const row = 22;
  const [left, cell] = narrow ? [46, 56] : [190, 84];
  const parts = [];
  const matrices = [["weight_ih_l0", "\u00d7 x"], ["weight_hh_l0", "\u00d7 h"]];
  let x = left;
  for (const [name, times] of matrices) {
    const { columns: count, values } = weights[name];
    parts.push(
      mono(x, 14, narrow ? name.slice(7, 9) === "ih" ? "weight_ih" : "weight_hh" : name, "", ""),
    );
    Object.keys(words).forEach((gate, k) => {
      range(size).forEach((unit) => {
        const y = 24 + (k * size + unit) * row + k * 6;
        range(count).forEach((column) => {
          const value = values[(k * size + unit) * count + column];
          parts.push(
            tag("rect", {
              class: `lab-paper q-${gate} lab-tint`,
              x: x + column * cell,
              y,
              width: cell - 2,
              height: row - 2,
            }),
            text(x + column * cell + cell / 2 - 1, y + 15, shown(value), {
              kind: "lab-num",
              anchor: "middle",
            }),
          );
        });
      });
    });
    parts.push(soft(x + count * cell / 2, 24 + 4 * size * row + 36, times, "middle"));
    x += count * cell + (narrow ? 24 : 60);
  }
  Object.entries(words).forEach(([gate, name], k) => {
    const y = 24 + k * (size * row + 6);
    parts.push(
      mono(narrow ? 12 : 150, y + size * row / 2 + 4, gate, gate),
      narrow ? "" : soft(128, y + size * row / 2 + 4, name, "end"),
      tag("path", {
        class: `lab-bracket q-${gate}`,
        d: `M${left - 6} ${y + 1}h-8v${size * row - 4}h8`,
      }),
    );
  });
  return picture(width, 24 + 4 * size * row + 44, parts, {
    title: "The weight matrices of an LSTM are four bands",
    describe:
      `Both matrices have ${4 * size} rows: ${size} for the input gate i, ${size} for the forget ` +
      `gate f, ${size} for the cell gate g and ${size} for the output gate o, in this order.`,
  });
}

/** The tensors of a call as boxes with named edges. */
function boxed({ options }, width) {
  const { tensors } = shapes(options);
  const rows = tensors.filter(({ name }) => !name.endsWith("_0"));
  return tensorBoxes(
    rows,
    width,
    options.bidirectional,
    "What goes in and what comes out, as boxes",
  );
}

/** One cell at one step. */
function inside({ network, x, step, unit }, width) {
  const records = run(network, x).trace[0][0][0];
  const now = Object.entries(records[step]).map(([name, values]) => [name, values[unit]]);
  const { c, h } = records[step - 1];
  return cellPicture({
    before: { c: c[unit], h },
    now: Object.fromEntries(now),
    limit: largest(records.map((record) => record.c[unit])),
    x: shown(x[0][step][0]),
    unit,
  }, width);
}

/** A tree of two symbols: what greedy decoding follows, and what a beam keeps and finds. */
function tree({ first, then, kept }, width) {
  const narrow = width < 500;
  const [near, far, row] = narrow ? [92, 186, 28] : [200, 410, 28];
  const likeliest = (shares) => Object.keys(shares).sort((a, b) => shares[b] - shares[a]);
  const beam = likeliest(first).slice(0, kept);
  const [one] = likeliest(first);
  const greedy = one + likeliest(then[one])[0];
  const ends = Object.entries(first).flatMap(([one, share]) =>
    Object.entries(then[one]).map(([two, other]) => ({ one, two, share: share * other }))
  );
  const found = ends.filter((end) => beam.includes(end.one));
  const best = found.reduce((a, b) => (b.share > a.share ? b : a));
  const y = (k) => 30 + k * row;
  const root = [28, y((ends.length - 1) / 2)];
  // The number stands where the branches have parted.
  const branch = ([x1, y1], [x2, y2], share, name, kind) =>
    wire("score", [[x1, y1], [x2, y2]], { width: 1 + 7 * share, kind }) +
    text(x2 - 18, y2 - (y2 - y1) * 18 / (x2 - x1) - 4 - 4 * share, share, {
      kind: "lab-num",
      anchor: "end",
    }) + letter(x2, y2 - 12, 24, name);
  const parts = [
    soft(near, 14, "first"),
    soft(far, 14, "second"),
    letter(root[0] - 24, root[1] - 12, 24, "^"),
  ];
  for (const name of Object.keys(first)) {
    const places = range(ends.length).filter((k) => ends[k].one === name);
    const middle = y((places[0] + places.at(-1)) / 2);
    const kind = beam.includes(name) ? "" : "lab-later";
    parts.push(branch(root, [near, middle], first[name], name, kind));
    for (const k of places) {
      const { two, share } = ends[k];
      const marks = [
        name + two === greedy && "greedy",
        ends[k] === best && `beam of ${kept}`,
      ];
      const product = narrow ? "" : `${first[name]} \u00d7 ${then[name][two]} = `;
      parts.push(
        branch([near + 24, middle], [far, y(k)], then[name][two], two, kind),
        soft(far + 32, y(k) + 4, product + shown(share, 3)),
        mono(far + (narrow ? 72 : 160), y(k) + 4, marks.filter(Boolean).join(", "), "", ""),
      );
    }
  }
  return picture(width, y(ends.length), parts, {
    title: "A tree of two symbols, for greedy decoding and a beam",
    describe: `Greedy decoding follows the likeliest first symbol and writes ${greedy}. A beam ` +
      `of ${kept} keeps ${beam.join(" and ")} and finds ${best.one + best.two}, with ` +
      `probability ${shown(best.share, 3)}.`,
  });
}

/** A language model: characters in, chances of the next one above, and a state that goes on. */
function next({ fed, asked, guesses }, width) {
  const narrow = width < 500;
  const [above, below] = [[...asked], [...fed]];
  const lane = columns(narrow ? 0 : 20, width - (narrow ? 40 : 84), below.length, narrow ? 9 : 24);
  const [row, tall, first] = [22, 46, 44];
  const cell = first + 3 * row + (narrow ? 34 : 40);
  const parts = [soft(lane.at(0), 12, "what comes next, and what softmax(W h + b) expected")];
  below.forEach((each, t) => {
    const [x, middle] = [lane.at(t), lane.middle(t)];
    guesses[t].forEach(([character, chance], k) => {
      const y = first + k * row;
      const kind = character === above[t] ? "lab-bar" : "lab-bar lab-neg";
      parts.push(
        tag(
          "g",
          { class: "q-score" },
          box(x, y + row - 5, Math.max(1, chance * lane.width), 4, kind, { rx: 2 }),
        ),
        mono(x, y + 14, visible(character), "", "start"),
        text(lane.end(t), y + 14, shown(chance), { anchor: "end", kind: "lab-num" }),
      );
    });
    parts.push(
      mono(middle, 34, visible(above[t]), "score"),
      rising("output", middle, cell - 1, cell - 24),
      box(x, cell, lane.width, tall, "lab-cell"),
      rising("input", middle, cell + tall + 24, cell + tall + 2),
      mono(middle, cell + tall + 40, visible(each)),
    );
    const end = t < below.length - 1 ? lane.at(t + 1) : lane.end(t) + (narrow ? 14 : 30);
    ["h", "c"].forEach((q, k) => {
      parts.push(onward(q, cell + 14 + 18 * k, lane.end(t), end, FLOW[q]));
    });
  });
  const right = lane.end(below.length - 1) + (narrow ? 16 : 34);
  parts.push(
    mono(right, cell + 18, narrow ? "h" : "h_n", "h", "start"),
    mono(right, cell + 36, narrow ? "c" : "c_n", "c", "start"),
    mono(lane.middle(0) + 8, cell - 8, "output", "output", "start"),
  );
  return picture(width, cell + tall + 48, parts, {
    title: "A language model reads characters and expects the next one at every step",
    describe: `The characters ${fed} go in one at a time. Of each, output becomes chances of the ` +
      `next character; asked for is ${asked}. ` + below.map((each, t) =>
        `After ${each}: ${
          guesses[t].map(([a, b]) => `${a} ${shown(b)}`).join(", ")
        }.`
      ).join(" ") + " h_n and c_n go on.",
  });
}

/** Hours that are read, a state that goes through a file, and the hours that are forecast. */
function stream({ degrees, now, saved }, width) {
  const narrow = width < 500;
  const last = degrees.length - 1;
  const lane = columns(narrow ? 2 : 24, width - 4, degrees.length + 1, narrow ? 5 : 12);
  const column = (t) => (t > saved ? t + 1 : t); // the file has a column of its own
  const middle = (t) => lane.middle(column(t));
  const [low, high] = [Math.min(...degrees), Math.max(...degrees)];
  const [top, bottom, cell, tall] = [36, 106, 166, 50];
  const height = (t) => bottom - ((degrees[t] - low) / (high - low)) * (bottom - top);
  const line = (from, to) => (
    range(to - from + 1).map((k) => [middle(from + k), height(from + k)])
  );
  const dots = (quantity, from, to) => (
    tag(
      "g",
      { class: `q-${quantity}` },
      line(from, to).map(([cx, cy]) => tag("circle", { class: "lab-bar", cx, cy, r: 3 })).join(""),
    )
  );
  const [left, right] = [lane.at(column(now + 1)) - 2, lane.end(column(last)) + 2];
  const goal = (left + right) / 2;
  const file = lane.at(saved + 1);
  const parts = [
    soft(lane.at(0), 14, narrow ? "temperature" : "temperature, hour by hour"),
    box(left, 24, right - left, bottom - 14, "lab-paper"),
    soft(goal, 14, narrow ? "to come" : "the hours to come", "middle"),
    wire("input", line(0, now), { width: 1.5 }),
    wire("score", line(now, last), { width: 1.5, kind: "lab-dashed" }),
    dots("input", 0, now),
    dots("score", now + 1, last),
    wire("output", [[middle(now), cell - 1], [middle(now), 146], [goal, 146], [goal, 122]], {
      width: 2,
      arrow: 5,
    }),
    mono(lane.at(0), 148, "output", "output", "start"),
    box(file, cell - 6, lane.width, tall + 12, "lab-paper"),
    soft(lane.middle(saved + 1), cell + tall + 24, "file", "middle"),
    ...["h", "c"].flatMap((q, k) => {
      const [y, end] = [cell + 15 + 21 * k, lane.end(column(now))];
      return [
        onward(q, y, end, end + (narrow ? 10 : 22), FLOW[q]),
        mono(end + (narrow ? 13 : 28), y + 5, `${q}_n`, q, "start"),
      ];
    }),
  ];
  for (const t of range(now + 1)) {
    const x = lane.at(column(t));
    parts.push(
      box(x, cell, lane.width, tall, "lab-cell"),
      rising("input", middle(t), cell + tall + 20, cell + tall + 2),
    );
    if (t < now) {
      parts.push(rising("output", middle(t), cell - 1, cell - 14));
      const steps = t === saved ? [column(t), column(t) + 1] : [column(t)];
      for (const k of steps) {
        ["h", "c"].forEach((q, row) => {
          parts.push(onward(q, cell + 15 + 21 * row, lane.end(k), lane.at(k + 1), FLOW[q]));
        });
      }
    }
  }
  parts.push(
    mono(lane.at(0), cell + tall + 40, "x", "input", "start"),
    mono(lane.middle(saved + 1), cell + 20, "h", "h"),
    mono(lane.middle(saved + 1), cell + 41, "c", "c"),
  );
  return picture(width, cell + tall + 48, parts, {
    title: "A network reads hours, forecasts those to come, and its state goes through a file",
    describe: `${now + 1} hours are read, one after the other, and output answers at each. After ` +
      `hour ${saved} the state, h and c, is written to a file, and read again before the next ` +
      `hour. The output of the last hour forecasts the ${last - now} hours to come; h_n and c_n ` +
      "go on.",
  });
}

/** Models side by side: which answer, a row, moves with which example, a column. */
function moves({ panels }, width) {
  const across = width < 500 ? 2 : panels.length;
  const place = columns(26, width, across, 34);
  const count = panels[0].moved.length;
  const size = place.width / count;
  const tall = place.width + 62;
  const parts = panels.flatMap(({ name, moved }, k) => {
    const [left, top] = [place.at(k % across), 28 + Math.floor(k / across) * tall];
    const marks = moved.flatMap((row, i) =>
      row.map((on, j) => (
        tag(
          "g",
          { class: on ? `q-${i === j ? "output" : "score"}` : "" },
          tag("rect", {
            class: on ? "lab-bar" : "lab-paper",
            x: left + j * size + 1,
            y: top + i * size + 1,
            width: size - 2,
            height: size - 2,
          }),
        )
      ))
    );
    return [
      text(left, top - 8, name, { kind: "lab-code" }),
      ...marks,
      soft(left - 6, top + size / 2 + 4, 0, "end"),
      soft(left - 6, top + (count - 0.5) * size + 4, count - 1, "end"),
      soft(left + size / 2, top + place.width + 15, 0, "middle"),
      soft(left + (count - 0.5) * size, top + place.width + 15, count - 1, "middle"),
      soft(left + place.width / 2, top + place.width + 15, "changed", "middle"),
    ];
  });
  const told = panels.map(({ name, moved }) => {
    const others = moved.flatMap((row, i) => row.filter((on, j) => on && i !== j)).length;
    return `${name}: ${others ? `${others} answers move with another example` : "each its own"}.`;
  });
  return picture(width, 10 + Math.ceil(panels.length / across) * tall, parts, {
    title: "Which answer moves with which example, model by model",
    describe: `Squares of ${count} answers by ${count} examples. ${told.join(" ")}`,
  });
}

const KINDS = {
  boxes: boxed,
  cell: inside,
  stack,
  tree,
  directions,
  packing,
  readouts,
  gap,
  chunks,
  handover,
  moves,
  next,
  stream,
  attention,
  dropout,
  swap,
  bands,
};

/** Return a drawing in both layouts. */
export const drawn = ({ kind, ...data }) => layouts((width) => KINDS[kind](data, width));
