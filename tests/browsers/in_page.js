// Put first into every page: keeps what goes wrong in it, and tells what can be seen where.
{
  const problems = [];
  addEventListener("error", ({ message }) => problems.push(`exception: ${message}`));
  addEventListener("unhandledrejection", ({ reason }) => problems.push(`rejected: ${reason}`));
  for (const kind of ["error", "warn"]) {
    console[kind] = (...words) => problems.push(`console.${kind}: ${words.join(" ")}`);
  }

  let heard = 0;
  for (const kind of ["pointerup", "keyup"]) addEventListener(kind, () => heard += 1, true);

  // A figure that walks by itself walks faster.
  const ticking = globalThis.setInterval;
  globalThis.setInterval = (call, pause) => ticking(call, pause / 10);

  const seen = new Map();

  /** Return a colour as red, green, blue (0 to 255) and alpha, however a browser writes it. */
  function channels(color) {
    if (!CSS.supports("color", color)) return color;
    if (!seen.has(color)) {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = `color(from ${color} srgb r g b / alpha)`;
      const numbers = getComputedStyle(probe).color.match(/[\d.e-]+/g).map(Number);
      const [alpha = 1] = numbers.splice(3);
      seen.set(
        color,
        [...numbers.map((share) => Math.round(255 * share)), alpha.toFixed(2)].join(" "),
      );
      probe.remove();
    }
    return seen.get(color);
  }

  function painted(each) {
    const { color, backgroundColor, fill, stroke } = getComputedStyle(each);
    const paints = Object.entries({ color, backgroundColor, fill, stroke });
    const words = paints.map(([name, paint]) => `${name} ${channels(paint)}`);
    return `${[each.localName, ...each.classList].join(".")}: ${words.join(", ")}`;
  }

  /** Return the words of an element without those of a tip, which follows the resting mouse. */
  function words(root) {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (nodes.nextNode()) {
      const { data, parentElement } = nodes.currentNode;
      const hidden = parentElement.closest("script, .lab-tip") || !parentElement.checkVisibility();
      if (!hidden) found.push(...data.split(/\s+/).filter(Boolean));
    }
    return found;
  }

  function valueOf(control) {
    if (/radio|box/.test(control.type)) return control.checked;
    // A slider's place is rounded to its steps, in one browser to 0, in another to -3e-18.
    return control.type === "range" ? Math.round(1e9 * control.value) / 1e9 : control.value;
  }

  let before = "";

  /** Return whether all has come, nothing walks or is read, and no explorer changed since the last call. */
  function rests() {
    // An image or a font that comes late moves what is below it, just before it is clicked.
    const late = [...document.images].filter((each) => !each.complete);
    for (const each of late) each.loading = "eager";
    for (const each of document.getAnimations()) each.finish();
    const now = [...document.querySelectorAll(".lab-explorer")].map((each) => each.innerHTML)
      .join();
    const same = now === before;
    before = now;
    const walks = document.querySelector("[data-play][aria-pressed=true], [aria-busy=true]");
    return same && !walks && !late.length && document.fonts.status === "loaded";
  }

  /** Return what the page and its explorers show, as lists of words. */
  function dump() {
    const { scrollWidth, clientWidth } = document.documentElement;
    const dumps = { page: { tooWide: [scrollWidth > clientWidth] } };
    for (const root of document.querySelectorAll(".lab-explorer")) {
      const all = (css) => [...root.querySelectorAll(css)];
      dumps[root.id] = {
        words: words(root),
        buttons: all("[data-pick]").map((each) => (
          `${each.getAttribute("aria-label")}, pressed: ${each.getAttribute("aria-pressed")}`
        )),
        values: all("[data-key]").map((each) => `${each.dataset.key}: ${valueOf(each)}`),
        // A browser draws its own controls, and decides by itself when a focus is shown.
        colours: all(".lab-body :not(input, select, option)").filter((each) =>
          each.checkVisibility() && !each.closest(":focus")
        ).map(painted),
        links: all("a[href]").map((each) => each.getAttribute("href")),
      };
    }
    return dumps;
  }

  /** Return a point of an element, from its left (0) to its right (1), in sight. */
  function place(css, x) {
    const found = [...document.querySelectorAll(css)].find((each) => each.checkVisibility());
    if (!found) return `${css} is nowhere to be seen`;
    const point = () => {
      const [box] = found.getClientRects(); // the first line of a link that breaks
      return [box.left + 1 + x * (box.width - 2), box.top + box.height / 2].map(Math.round);
    };
    const hit = () => document.elementFromPoint(...point());
    if (!found.contains(hit())) {
      found.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    }
    return found.contains(hit()) ? point() : `${css} lies under ${hit()?.outerHTML.slice(0, 80)}`;
  }

  function choose(css, value) {
    const list = document.querySelector(css);
    list.value = value;
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const selectAll = () => document.activeElement.select();

  globalThis.inPage = {
    heard: () => heard,
    problems: () => problems,
    rests,
    dump,
    place,
    choose,
    selectAll,
  };
}
