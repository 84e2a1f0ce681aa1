// Tensors as boxes: an axis is an edge with a colour, a word and a size.

import { picture, round, tag, text } from "./draw.js";

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
  const words = [twice ? `2 \u00d7 ${size / 2}` : `${size}`];
  if (word) words.push(size === 1 ? word : `${word}s`);
  return letters.includes("sum") ? [...words, "in all"] : words;
}

/** Return which axes are drawn as width, height and depth: sequences lie one behind another. */
export function sidesOf({ shape, letters }) {
  const deep = shape.length < 3 ? -1 : Number(letters[0] !== "N");
  return [shape.length - 1, Number(deep === 0), deep];
}

const sizesOf = (row) => (row.sides ?? sidesOf(row)).map((k) => row.shape[k] ?? 0);
const span = (size, unit) => (size ? Math.max(8, Math.min(size, 128) * unit) : 0);

/**
 * Return a tensor as a box: its edges have the colours and names of its axes, its shape is below.
 *
 * row: its name, letters and shape; `moved` says which axes are marked.
 * x, y: the corner in front, to the left and below.
 * unit: pixels of a cell to the right, up and back.
 * both: whether there are two directions.
 */
export function tensorBox(row, x, y, unit, both) {
  const { name, letters, shape, moved = [], sides = sidesOf(row) } = row;
  const sizes = sizesOf(row);
  const lengths = sizes.map((size, k) => round(span(size, unit[k])));
  const [W, H, X] = lengths;
  const Y = round(0.6 * X);
  const face = (kind, d) => tag("path", { class: kind, d });
  const cuts = [
    (at) => `M${round(x + at)} ${y}v${-H}l${X} ${-Y}`,
    (at) => `M${x} ${round(y - at)}h${W}l${X} ${-Y}`,
    (at) => `M${round(x + at)} ${round(y - H - 0.6 * at)}h${W}v${H}`,
  ];
  // Cells too small to be told apart are not drawn; the label has their number.
  const cells = sizes.map((size, k) =>
    lengths[k] < 3 * size
      ? ""
      : Array.from({ length: size }, (_, cell) => cuts[k](cell * lengths[k] / size)).join("")
  );
  const edges = [
    [`M${x} ${y}h${W}`, x, y + 18],
    [`M${x} ${y}v${-H}`, x - 8, y - H / 2 + 4],
    [`M${x} ${y - H}l${X} ${-Y}`, x, y - H - Y - 8],
  ].map(([d, left, top], k) => {
    const [axis, up] = [sides[k], k === 1];
    if (!sizes[k]) return "";
    const words = edgeWords(letters[axis], sizes[k], both);
    const lines = up ? words : [words.join(" ")];
    const told = lines.map((each, line) =>
      text(left, top + 14 * (line - (lines.length - 1) / 2), each, { anchor: up ? "end" : "" })
    );
    return tag("g", {
      class: colored(letters[axis], moved[axis]),
      "data-tip": `${letters[axis]} = ${sizes[k]}`,
    }, tag("path", { d }) + told.join(""));
  });
  const numbers = shape.map((size, k) =>
    tag("tspan", { class: colored(letters[k], moved[k]) }, size)
  );
  const half = both && letters.at(-1).startsWith("D") && cuts[0](W / 2);
  return tag(
    "g",
    { class: "lab-box" },
    face("lab-paper", `M${x} ${y}h${W}v${-H}h${-W}zM${x} ${y - H}l${X} ${-Y}h${W}l${-X} ${Y}z`) +
      face("lab-cell", `M${x + W} ${y}l${X} ${-Y}v${-H}l${-X} ${Y}z`) +
      face("lab-axis", cells.join("")) + face("lab-half", half) + edges.join("") +
      text(x, y + 40, name, { kind: "lab-code" }) +
      tag("text", { class: "lab-code", x, y: y + 59 }, tuple(numbers)),
  );
}

/** Return tensors side by side, to one scale; two in a line where there is little room. */
export function tensorBoxes(rows, width, both, title) {
  const lines = width < 500 ? [rows.slice(0, 2), rows.slice(2)] : [rows];
  const most = [0, 1, 2].map((k) => Math.max(...rows.map((row) => sizesOf(row)[k]), 1));
  const unit = [20, Math.min(20, 104 / most[1]), Math.min(10, 26 / most[2])];
  const left = ({ letters }) => (both && /layers/.test(letters) ? 78 : 48);
  const column = (row) => {
    const [W, , X] = sizesOf(row).map((size, k) => span(size, unit[k]));
    return left(row) + Math.max(width < 500 ? 92 : 102, W + X + 10);
  };
  const used = (line) => line.reduce((sum, row) => sum + column(row), 0);
  while (unit[0] > 0.5 && lines.some((line) => used(line) > width)) unit[0] *= 0.96;
  const parts = lines.map((line, k) => {
    const gap = Math.min(40, (width - used(line)) / line.length);
    let end = 0;
    return line.map((row) => {
      const x = round(end + left(row));
      end += column(row) + gap;
      return tensorBox(row, x, 144 + 216 * k, unit, both);
    }).join("");
  });
  const describe = rows.map(({ name, shape }) => `${name} ${tuple(shape)}`).join(", ");
  const height = lines.filter((line) => line.length).length * 216 - 8;
  return picture(width, height, parts, { title, describe });
}

/** Return a size with its name in the colour of an axis; with attributes it is a button. */
export function chip(letters, size, words, asks = "", moved = false) {
  const kind = asks ? "button" : "span";
  return `<${kind} class="lab-chip ${
    colored(letters, moved)
  }" ${asks}><b>${size}</b> ${words}</${kind}>`;
}
