// Tensors as boxes: an axis is an edge with a colour, a word and a size.

import { picture, range, round, tag, text } from "./draw.js";

export const tuple = (values) => `(${values.join(", ")}${values.length === 1 ? "," : ""})`;

// An axis has the colour of a class and a word, found by its letters or by PyTorch's name for it.
const COLORED = [
  [/^L$|lengths|seq_len/, 5, "step"],
  [/^N$|batch/, 3, "sequence"],
  [/layers/, 2, "layer"],
  [/^H_in|input/, 7, "feature"],
  [/H_|hidden|proj/, 0, "unit"],
];
const known = (letters) => COLORED.find(([pattern]) => pattern.test(letters)) ?? [];

/** Return the class of a part in the colour of an axis. */
export const colored = (letters, moved) =>
  `lab-edge q-class-${known(letters)[1]}${moved ? " lab-moved" : ""}`;

/** Return the words at an edge, line by line. */
function edgeWords(letters, size, both) {
  const [, , word] = known(letters);
  const twice = letters.startsWith("2*") || (both && letters.startsWith("D"));
  if (twice && word === "layer") return [`${size / 2} \u00d7 2`, "layers \u00d7", "directions"];
  return [
    twice ? `2 \u00d7 ${size / 2}` : size,
    word && (size === 1 ? word : `${word}s`),
    letters.includes("sum") && "in all",
  ].filter(Boolean);
}

/** Return which axes are drawn as width, height and depth: sequences lie one behind another. */
export function sidesOf({ shape, letters, sides }) {
  if (sides) return sides;
  if (shape.length < 3) return [1, 0, -1];
  return letters[0] === "N" ? [2, 1, 0] : [2, 0, 1];
}

const sizesOf = (row) => sidesOf(row).map((k) => row.shape[k] ?? 0);
const lengthsOf = (row, unit) =>
  sizesOf(row).map((size, k) => size && round(Math.max(8, Math.min(size, 128) * unit[k])));

/** Return a tensor as a box whose corner in front, to the left and below, is the origin. */
function tensorBox(row, unit, both) {
  const { name, letters, shape, moved = [] } = row;
  const [sides, sizes] = [sidesOf(row), sizesOf(row)];
  const lengths = lengthsOf(row, unit);
  const [W, H, X] = lengths;
  const Y = round(0.6 * X);
  const path = (kind, d) => tag("path", { class: kind, d });
  // Of width, height and depth: the edge, where its words stand, and a cut across it.
  const drawn = [
    [`M0 0h${W}`, [0, 18], (at) => `M${at} 0v${-H}l${X} ${-Y}`],
    [`M0 0v${-H}`, [-8, 4 - H / 2], (at) => `M0 ${-at}h${W}l${X} ${-Y}`],
    [`M0 ${-H}l${X} ${-Y}`, [0, -H - Y - 8], (at) => `M${at} ${round(-H - 0.6 * at)}h${W}v${H}`],
  ];
  // Cells too small to be told apart are not drawn; the label has their number.
  const cells = drawn.flatMap(([, , cut], k) => {
    const cell = lengths[k] / sizes[k];
    return cell < 3 ? [] : range(sizes[k]).map((at) => cut(round(at * cell)));
  });
  const edges = drawn.map(([d, [x, y]], k) => {
    if (!sizes[k]) return "";
    const axis = sides[k];
    const words = edgeWords(letters[axis], sizes[k], both);
    const [lines, anchor] = k === 1 ? [words, "end"] : [[words.join(" ")], ""];
    const top = y - 7 * (lines.length - 1);
    const told = lines.map((each, line) => text(x, top + 14 * line, each, { anchor }));
    const tip = { "data-tip": `${letters[axis]} = ${sizes[k]}` };
    const kind = colored(letters[axis], moved[axis]);
    return tag("g", { class: kind, ...tip }, tag("path", { d }) + told.join(""));
  });
  const numbers = shape.map((size, k) =>
    tag("tspan", { class: colored(letters[k], moved[k]) }, size)
  );
  const [, , halve] = drawn[0];
  return path("lab-paper", `M0 0h${W}v${-H}h${-W}zM0 ${-H}l${X} ${-Y}h${W}l${-X} ${Y}z`) +
    path("lab-cell", `M${W} 0l${X} ${-Y}v${-H}l${-X} ${Y}z`) + path("lab-axis", cells.join("")) +
    path("lab-half", both && letters.at(-1).startsWith("D") && halve(W / 2)) + edges.join("") +
    text(0, 40, name, { kind: "lab-code" }) +
    tag("text", { class: "lab-code", y: 59 }, tuple(numbers));
}

/**
 * Return tensors side by side, to one scale; two in a line where there is little room.
 *
 * rows: name, letters and shape of each; `moved` says which axes are marked.
 * both: whether there are two directions.
 */
export function tensorBoxes(rows, width, both, title) {
  const narrow = width < 500;
  const lines = narrow ? [rows.slice(0, 2), rows.slice(2)] : [rows];
  const [high, deep] = [1, 2].map((k) => Math.max(...rows.map((row) => sizesOf(row)[k]), 1));
  // Pixels of a cell to the right, up and back.
  const unit = [20, Math.min(20, 104 / high), Math.min(10, 26 / deep)];
  const left = ({ letters }) => (both && /layers/.test(letters) ? 78 : 48);
  const column = (row) => {
    const [W, , X] = lengthsOf(row, unit);
    return left(row) + Math.max(narrow ? 92 : 102, W + X + 10);
  };
  const used = (line) => line.reduce((sum, row) => sum + column(row), 0);
  while (unit[0] > 0.5 && lines.some((line) => used(line) > width)) unit[0] *= 0.96;
  const parts = lines.flatMap((line, k) => {
    const gap = Math.min(40, (width - used(line)) / line.length);
    let end = 0;
    return line.map((row) => {
      const transform = `translate(${round(end + left(row))} ${144 + 216 * k})`;
      end += column(row) + gap;
      return tag("g", { class: "lab-box", transform }, tensorBox(row, unit, both));
    });
  });
  const describe = rows.map(({ name, shape }) => `${name} ${tuple(shape)}`).join(", ");
  return picture(width, narrow && rows[2] ? 424 : 208, parts, { title, describe });
}

/** Return a size with its name in the colour of an axis; with a type it is a button. */
export const chip = (letters, size, words, { moved, ...asks } = {}) =>
  tag(
    asks.type ? "button" : "span",
    { class: `lab-chip ${colored(letters, moved)}`, ...asks },
    `<b>${size}</b> ${words}`,
  );
