// The drawing vocabulary: plain functions from numbers to SVG text, for explorers and drawings.
//
// Coordinates are CSS pixels, rounded to a tenth. A class `q-<quantity>` gives a part its colour,
// so that a rule of the style sheet stands once for all quantities.

import { escape, room, shown } from "./kit.js";

export const round = (value) => Math.round(value * 10) / 10;

export const range = (count) => Array.from({ length: count }, (_, k) => k);

/** Return an element; numbers are rounded, and what is empty or false is left out. */
export function tag(name, attributes = {}, inside = "") {
  const kept = Object.entries(attributes).filter(([, value]) =>
    value !== "" && value !== false && value !== undefined
  );
  const words = kept.map(([key, value]) => (
    ` ${key}="${typeof value === "number" ? round(value) : escape(value)}"`
  ));
  return `<${name}${words.join("")}>${inside}</${name}>`;
}

/** Return a path through [x, y] points, or through text as SVG has it. */
export const through = (points) => (
  typeof points === "string"
    ? points
    : points.map(([x, y], k) => `${k ? "L" : "M"}${round(x)} ${round(y)}`).join("")
);

/**
 * Return a picture. What can be chosen in it makes it a group; else it is one image to a voice.
 *
 * title, describe: what a voice says of an image; a group has its title alone.
 */
export function picture(width, height, parts, { title, describe = "", group = false, kind = "" }) {
  const named = group ? { role: "group", "aria-label": title } : { role: "img" };
  const words = group ? "" : tag("title", {}, escape(title)) + tag("desc", {}, escape(describe));
  // Lines at the upper edge have half of their width outside.
  const box = { viewBox: `0 -2 ${round(width)} ${round(height + 2)}`, width, height: height + 2 };
  return tag("svg", { class: `lab-svg ${kind}`.trim(), ...box, ...named }, words + parts.join(""));
}

/** Return a picture in two layouts; the page shows the one that has room. */
export const layouts = (draw) => {
  const wide = room.layout === "narrow" ? "" : draw(WIDE);
  const narrow = room.layout === "wide" ? "" : draw(NARROW);
  return `<div class="lab-wide">${wide}</div><div class="lab-narrow">${narrow}</div>`;
};
const WIDE = 680;
const NARROW = 346;

/** Return words at a place; `kind` is lab-soft, lab-code, lab-word or lab-num. */
export function text(x, y, words, { anchor, kind = "", quantity, ...rest } = {}) {
  const named = `${kind} ${quantity ? `q-${quantity}` : ""}`.trim();
  return tag("text", { x, y, "text-anchor": anchor, class: named, ...rest }, escape(words));
}

/** Return words about a picture, and words of code in a quantity's colour. */
export const soft = (x, y, words, anchor = "") => text(x, y, words, { kind: "lab-soft", anchor });
export const mono = (x, y, words, quantity = "", anchor = "middle") =>
  text(x, y, words, { kind: "lab-code", quantity, anchor });

/** Return a fine line through points, or through text as SVG has it. */
export const thin = (points, kind = "") => (
  tag("path", { class: `lab-thin ${kind}`.trim(), d: through(points) })
);

export const box = (x, y, width, height, kind = "lab-paper", rest = {}) => (
  tag("rect", { class: kind, x, y, width, height, rx: Math.min(6, width / 4), ...rest })
);

/** Return the head of an arrow at a point, `angle` in degrees, 0 to the right. */
const head = ([x, y], angle, size) => {
  const transform = `translate(${round(x)} ${round(y)}) rotate(${Math.round(angle)})`;
  return tag("path", { class: "lab-head", d: `M0 0L${-size * 1.5} ${-size}V${size}Z`, transform });
};

/** How wide h and c run from step to step, and the half width of their arrows' heads. */
export const FLOW = { h: { width: 2, arrow: 4.5 }, c: { width: 5, arrow: 6 } };

/** Return a wire through points; with `arrow` its last point has a head of that half width. */
export function wire(quantity, points, { width = 2, arrow = 0, kind = "" } = {}) {
  const [[x, y], [left, top]] = [points.at(-1), points.at(-2) ?? points[0]];
  const angle = Math.atan2(y - top, x - left);
  const short = arrow
    ? [...points.slice(0, -1), [x - Math.cos(angle) * arrow, y - Math.sin(angle) * arrow]]
    : points;
  return tag(
    "g",
    { class: `lab-wire q-${quantity} ${kind}`.trim() },
    tag("path", { d: through(short), "stroke-width": width }) +
      (arrow ? head([x, y], angle * 180 / Math.PI, arrow) : ""),
  );
}

/** Return a vector as signed bars: side and tint carry the sign, a number stands in the free half. */
export function bars(quantity, values, { x, y, width, row = 15, limit = 1, numbers = true }) {
  const middle = x + width / 2;
  const away = Math.max(2, Math.min(5, width / 2 - 39)); // a number needs 38 pixels
  const parts = values.map((value, k) => {
    const length = Math.min(1, Math.abs(value ?? 0) / limit) * (width / 2 - 3);
    const left = value < 0 ? middle - length : middle;
    const kind = value < 0 ? "lab-bar lab-neg" : "lab-bar";
    const bar = box(left, y + k * row + 1.5, length, row - 3, kind, { rx: 1.5 });
    if (!numbers) return bar;
    const words = value === undefined ? "" : shown(value);
    const [x, anchor] = value < 0 ? [middle + away, "start"] : [middle - away, "end"];
    return bar + text(x, y + (k + 0.5) * row + 4.2, words, { anchor, kind: "lab-num" });
  });
  const d = `M${round(middle)} ${round(y)}v${row * values.length}`;
  const axis = tag("path", { class: "lab-axis", d });
  return tag("g", { class: `q-${quantity}` }, axis + parts.join(""));
}

/** Return many numbers as fine signed bars, a unit high and wide until `transform` places them. */
export function comb(quantity, values, transform) {
  const side = (kind, sign) => {
    const some = values.map((value, k) =>
      value * sign > 0 ? `M0 ${k}h${value.toFixed(2)}v1H0` : ""
    );
    return tag("path", { class: kind, d: some.join("") });
  };
  const sides = side("lab-bar", 1) + side("lab-bar lab-neg", -1);
  return tag("g", { class: `q-${quantity}`, transform }, sides);
}

/** Return a vector on its paper. */
export const tile = (quantity, values, place) => (
  box(place.x, place.y - 2, place.width, (place.row ?? 15) * values.length + 4) +
  bars(quantity, values, place)
);

/** Return a frame with its label on it, a tab above its left end. */
export function frame(quantity, { x, y, width, height }, { label = "", dashed, kind = "" }) {
  const wide = 8 * label.length + 18;
  const tab = label
    ? box(x - 1.5, y - 22, wide, 22, "lab-tab", { rx: 5 }) +
      text(x - 1.5 + wide / 2, y - 6.5, label, { anchor: "middle", kind: "lab-code lab-on" })
    : "";
  const line = box(x, y, width, height, `lab-line${dashed ? " lab-dashed" : ""}`, { rx: 7 });
  return tag("g", { class: `lab-frame q-${quantity} ${kind}`.trim() }, line + tab);
}

/** Return a share from -1 to 1 as a ring that fills clockwise from the top, its number inside. */
export function dial(quantity, x, y, share, { radius = 25, words = shown(share) } = {}) {
  const [around, part] = [2 * Math.PI * radius, Math.min(1, Math.abs(share))];
  const ring = { cx: x, cy: y, r: radius };
  const mirror = share < 0 ? ` translate(0 ${round(2 * y)}) scale(1 -1)` : "";
  const filled = {
    "stroke-dasharray": `${round(part * around)} ${round(around + 1)}`,
    transform: `rotate(-90 ${round(x)} ${round(y)})${mirror}`,
  };
  return tag(
    "g",
    { class: `lab-dial q-${quantity}${share < 0 ? " lab-neg" : ""}` },
    tag("circle", { class: "lab-ring", ...ring }) +
      tag("circle", { class: "lab-part", ...ring, ...filled }) +
      text(x, y + 5, words, { anchor: "middle", kind: "lab-num lab-strong" }),
  );
}

/** Return a ribbon from one point down to another, as wide as what flows. */
export function ribbon(quantity, [x1, y1], [x2, y2], width, rest = {}) {
  const bend = (y2 - y1) * 0.55;
  const curve = [[x1, y1 + bend], [x2, y2 - bend], [x2, y2]].map((point) =>
    point.map(round).join(" ")
  );
  const d = `M${round(x1)} ${round(y1)}C${curve.join(" ")}`;
  const thick = { "stroke-width": Math.max(0.6, width) };
  return tag("path", { class: `lab-ribbon q-${quantity}`, d, ...thick, ...rest });
}

/** Return a letter as it is drawn: a blank can be seen. */
export const visible = (letter) => (letter === " " ? "\u2423" : letter);

/** Return a letter or symbol in its box. */
export const letter = (x, y, size, words, { kind = "", ...rest } = {}) => (
  box(x, y, size, size, `lab-paper ${kind}`.trim(), rest) +
  mono(x + size / 2, y + size / 2 + 5, visible(words))
);

/** Return a part of a picture as a button in a row: one value of which one is chosen. */
export const button = (value, chosen, words, inside, rest = {}) => (
  tag("g", {
    role: "button",
    tabindex: value === chosen ? 0 : -1,
    "data-pick": value,
    "data-row": 0,
    "data-column": value,
    "aria-pressed": String(value === chosen),
    "aria-label": words,
    "data-tip": words,
    ...rest,
  }, inside)
);

/** Return a cross over what is wrong. */
export function cross(x, y, size = 8) {
  const [from, all] = [`${round(x - size)} ${round(y - size)}`, 2 * size];
  return tag("path", { class: "lab-cross", d: `M${from}l${all} ${all}m${-all} 0l${all} ${-all}` });
}

/** Return scissors that open to the right, their joint at a point. */
export const scissors = (x, y) => (
  tag(
    "g",
    { class: "lab-scissors", transform: `translate(${round(x)} ${round(y)})` },
    '<path d="M-4 2.5L14 -6M-4 -2.5L14 6"></path><circle cx="-8" cy="4.5" r="4"></circle>' +
      '<circle cx="-8" cy="-4.5" r="4"></circle>',
  )
);
