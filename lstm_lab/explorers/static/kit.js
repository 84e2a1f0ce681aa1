// What every explorer shares: drawing numbers, controls, keyboard, the page's address, two hosts.
//
// An explorer is an object of plain functions from (data, state) to text. The same functions write
// the first view while the book is built, without a browser, and every later view in one.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escape = (text) => String(text).replace(/[&<>"]/g, (letter) => ESCAPES[letter]);

/** Return a number as it is shown: two decimals, a true minus sign, no minus zero. */
export const shown = (value, digits = 2) => (
  (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits).replace("-", "\u2212")
);

export const MOST = 40; // letters of a text that are read
export const lettersOf = (text) => [...text].slice(0, MOST);

/** Return the letters of a text that are not among some letters, in quotes; "" for none. */
export function unknown(letters, text) {
  const strange = [...new Set(text)].filter((letter) => !letters.includes(letter));
  return strange.map((each) => `"${escape(each)}"`).join(", ").replace(/, (?=[^,]*$)/, " and ");
}

/** Which layout of a picture is drawn, "wide" or "narrow"; both where nobody can tell. */
export const room = { layout: "" };

/** Return what the parts of one view ask for again and again, made once. */
export function once(data, asked, make) {
  const key = JSON.stringify(asked);
  if (data.last?.key !== key) data.last = { key, made: make() };
  return data.last.made;
}

/** Return code that can be copied. */
export const copied = (code) => (
  `<li><code>${escape(code)}</code><button type="button" class="lab-copy" ` +
  `data-copy="${escape(code)}" aria-label="Copy ${escape(code)}">copy</button></li>`
);

// What can be chosen is a value and its words, or both in one.
const pair = (each) => (Array.isArray(each) ? each : [each, each]);

/** Return radio buttons: one of a few values. */
export function choice(uid, key, name, values, state) {
  const buttons = values.map(pair).map(([value, text]) => (
    `<label><input type="radio" name="${uid}-${key}" data-key="${key}" value="${escape(value)}"` +
    `${state[key] === value ? " checked" : ""}><span>${escape(text)}</span></label>`
  ));
  return `<div class="lab-choice" role="radiogroup" aria-label="${name}"><span ` +
    `aria-hidden="true">${name}</span>${buttons.join("")}</div>`;
}

/** Return a box to tick. */
export const tick = (key, text, state) => (
  `<label class="lab-tick"><input type="checkbox" data-key="${key}"` +
  `${state[key] ? " checked" : ""}><span>${text}</span></label>`
);

const short = (value) => String(Number(Number(value).toFixed(2))).replace("-", "\u2212");

/** Return a slider with its value beside it. */
export const slider = (key, text, { min, max, step = 1 }, state) => (
  `<label class="lab-slider"><span>${text}</span><input type="range" data-key="${key}" ` +
  `min="${min}" max="${max}" step="${step}" value="${state[key]}">` +
  `<output>${short(state[key])}</output></label>`
);

/** Return a line to type in. */
export const line = (key, text, { size, length = 80 }, state) => (
  `<label class="lab-line"><span>${text}</span><input type="text" data-key="${key}" ` +
  `size="${size}" maxlength="${length}" value="${escape(state[key])}" autocomplete="off" ` +
  'autocapitalize="off" spellcheck="false"></label>'
);

/** Return a few lines to type in. */
export const area = (key, text, { rows, length }, state) => (
  `<label class="lab-line lab-area"><span>${text}</span><textarea data-key="${key}" ` +
  `rows="${rows}" maxlength="${length}" autocomplete="off" autocapitalize="off" ` +
  `spellcheck="false">\n${escape(state[key])}</textarea></label>`
);

/** Return a list to choose from. */
export function list(key, text, values, state) {
  const options = values.map(pair).map(([value, words]) => (
    `<option value="${escape(value)}"${state[key] === value ? " selected" : ""}>` +
    `${escape(words)}</option>`
  ));
  return `<label class="lab-list"><span>${text}</span><select data-key="${key}">` +
    `${options.join("")}</select></label>`;
}

/** Give each panel one place that the tab key reaches: the chosen button, else the first. */
export const withEntry = (html) =>
  html.includes('tabindex="0"') ? html : html.replace('tabindex="-1"', 'tabindex="0"');

/** Return the button that walks through an explorer's steps. */
export const playButton = (text = "\u25b6 Play") =>
  `<button type="button" class="lab-play" data-play aria-pressed="false">${text}</button>`;

/** Return a button that sets a value, and takes it back when it is pressed again. */
export const setter = (key, value, inside, state, kind = "") => (
  `<button type="button" class="${kind}" data-key="${key}" value="${escape(value)}" ` +
  `aria-pressed="${state[key] === value}">${inside}</button>`
);

/** Return a text that a reader gave as the figures take it: white space of any kind is one. */
export const tidy = (text) =>
  String(text).normalize("NFC").replace(/[\u200b-\u200d\u2060\ufeff]/g, "")
    .replace(/\s+/g, " ").replace(/^ /, "");

/** Return the example that is shown, for a control that lists the examples. */
export function exampleOf(data, state, key) {
  if (key !== "example") return undefined;
  return data.examples.includes(state.text) ? state.text : "";
}

/** Return the words that say a text was cut, or none. */
export const cutAt = (text) =>
  [...tidy(text)].length > MOST ? ` Only the first ${MOST} letters are read.` : "";

export const bound = (value, low, high) =>
  Math.min(high, Math.max(low, Math.round(Number(value)) || 0));

export function percent(share) {
  if (share > 0.995 && share < 1) return "more than 99 %";
  return share > 0 && share < 0.005 ? "less than 1 %" : `${shown(100 * share, 0)} %`;
}

/** Return the whole of an explorer as HTML: the picture first, then what moves it. */
export function whole(explorer, data, state, uid) {
  while (explorer.work?.(data, state));
  const title = escape(explorer.title);
  const part = (name) => explorer[name]?.(data, state, uid) ?? "";
  return `<form class="lab-body" aria-label="${title}" autocomplete="off">` +
    (explorer.quiet ? "" : `<p class="lab-title">${title}</p>`) +
    `<div class="lab-controls">${part("controls")}</div>` +
    `<div class="lab-display">${part("display")}</div>` +
    `<p class="lab-says" aria-live="polite">${explorer.says(data, state)}</p>` +
    `<div class="lab-controls lab-walk">${part("walk")}</div>` +
    `<details class="lab-more"><summary>${explorer.fold ?? "More"}</summary>` +
    `<div class="lab-controls">${part("more")}</div>` +
    `<div class="lab-code">${explorer.code?.(data, state) ?? ""}</div>` +
    `<p class="lab-foot"><span>${escape(explorer.help)}` +
    `${explorer.steps ? " N goes one step on." : ""}</span>` +
    '<button type="button" data-reset>Reset</button>' +
    '<button type="button" class="lab-full" data-full hidden>Full screen</button>' +
    `<a class="lab-link" href="${address(uid, state, state)}">Link to this view</a></p>` +
    '</details><span class="lab-heard" aria-live="polite"></span></form>';
}

/** Return the address of a view: what differs from the first one. */
function address(id, state, first) {
  const changed = Object.keys(state).filter((key) => !same(state[key], first[key]));
  const pairs = changed.map((key) => {
    const value = typeof state[key] === "string" ? state[key] : JSON.stringify(state[key]);
    return `${key}=${encodeURIComponent(value)}`;
  });
  return `#${id}:${pairs.join(",")}`;
}

/** Return what an address asks of an explorer, each value of the kind that the state has. */
function asked(id, hash, first) {
  const [name, ...rest] = hash.replace(/^#/, "").split(":");
  if (name !== id || !rest.length) return null;
  const changes = {};
  for (const pair of rest.join(":").split(",").filter(Boolean)) {
    const [key, text] = pair.split("=");
    if (!Object.hasOwn(first, key) || text === undefined) continue;
    try {
      const value = decodeURIComponent(text);
      const read = typeof first[key] === "string" ? value : JSON.parse(value);
      const alike = typeof read === typeof first[key] &&
        Array.isArray(read) === Array.isArray(first[key]);
      if (alike && read !== null) changes[key] = read;
    } catch { /* An address that was cut short asks for nothing. */ }
  }
  return changes;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Return the value of a control, of the kind that the state has. */
function valueOf(control, before) {
  if (control.type === "checkbox") return control.checked;
  return typeof before === "number" ? Number(control.value) : control.value;
}

/** Let the controls show a state; what a reader is typing stays as it is. */
function showIn(form, valueFor, typing) {
  for (const control of form.querySelectorAll(":is(input, select, textarea)[data-key]")) {
    const value = valueFor(control.dataset.key);
    if (control.type === "checkbox") control.checked = value;
    else if (control.type === "radio") control.checked = control.value === String(value);
    else if (control !== typing || !["text", "number", "textarea"].includes(control.type)) {
      control.value = value;
    }
    if (control.type === "range") control.nextElementSibling.textContent = short(value);
  }
}

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Return the button that an arrow key, Home or End leads to, from one in a panel of buttons. */
function neighbour(button, key) {
  const buttons = [...button.closest("[data-panel]").querySelectorAll("[data-pick]")];
  const place = (each) => [Number(each.dataset.row), Number(each.dataset.column)];
  const [row, column] = place(button);
  if (key === "Home" || key === "End") {
    const line = buttons.filter((each) => place(each)[0] === row);
    return line[key === "Home" ? 0 : line.length - 1];
  }
  const [down, right] = ARROWS[key];
  const ahead = buttons.filter((each) => {
    const [r, c] = place(each);
    return down ? c === column && (r - row) * down > 0 : r === row && (c - column) * right > 0;
  });
  const distance = (each) => Math.abs(place(each)[0] - row) + Math.abs(place(each)[1] - column);
  return ahead.sort((a, b) => distance(a) - distance(b))[0];
}

/** Make a part of the page like a fresh one, changing what differs: focus and motion go on. */
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // A fold stays as the reader left it.
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  // Another structure has no motion to go on with: it is put in place, which is quicker.
  if (before.length !== after.length && !old.contains(document.activeElement)) {
    return old.replaceChildren(...after);
  }
  after.forEach((node, k) => (before[k] ? morph(before[k], node) : old.append(node)));
  before.slice(after.length).forEach((node) => node.remove());
}

/** Show HTML in an element. */
function show(element, html) {
  if (element.shown === html) return;
  const fresh = element.cloneNode(false);
  fresh.innerHTML = html;
  morph(element, fresh);
  element.shown = html;
}

/** Bring what is chosen into view, inside the boxes that scroll by themselves. */
function followChoice(display) {
  for (const box of display.querySelectorAll(".lab-scroll")) {
    const chosen = box.querySelector('[aria-pressed="true"]');
    if (!chosen || box.scrollWidth <= box.clientWidth) continue;
    const [inner, outer] = [chosen.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inner.left < outer.left || inner.right > outer.right) {
      box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    }
  }
}

/** Let what lies under the pointer or has the focus be named beside it. */
function tips(root, listen) {
  root.insertAdjacentHTML("beforeend", '<div class="lab-tip" role="tooltip" hidden></div>');
  const tip = root.lastElementChild;
  const hide = () => (tip.hidden = true);
  const point = ({ target }) => {
    const told = target.closest("[data-tip]");
    if (!told) return hide();
    if (tip.textContent !== told.dataset.tip) tip.textContent = told.dataset.tip;
    tip.hidden = false;
    const [of, all] = [told.getBoundingClientRect(), root.getBoundingClientRect()];
    const left = of.left + of.width / 2 - all.left - tip.offsetWidth / 2;
    tip.style.left = `${Math.max(0, Math.min(left, all.width - tip.offsetWidth))}px`;
    const above = of.top - all.top - tip.offsetHeight - 6;
    tip.style.top = `${of.top - tip.offsetHeight < 70 ? of.bottom - all.top + 6 : above}px`;
  };
  listen(root, "mouseover", point);
  listen(root, "focusin", point);
  listen(root, "mouseleave", hide);
  listen(root, "focusout", hide);
  listen(document, "keydown", ({ key }) => key === "Escape" && hide());
}

/** Let an explorer live in an element. `model` has get, set, save_changes, on and off. */
export function mount(explorer, model, root, uid) {
  const data = model.get("data");
  const keys = Object.keys(explorer.state);
  const read = () =>
    explorer.clean(data, Object.fromEntries(keys.map((key) => [key, model.get(key)])));
  let state = read();
  const first = state;
  if (!root.querySelector(".lab-body")) {
    root.insertAdjacentHTML("beforeend", whole(explorer, data, state, uid));
  }
  const parts = [
    ".lab-body",
    ".lab-says",
    ".lab-display",
    "div.lab-code",
    ".lab-link",
    ".lab-heard",
  ];
  const [form, says, display, code, link, told] = parts.map((name) => root.querySelector(name));
  const ends = new AbortController();
  const listen = (target, kind, listener) =>
    target.addEventListener(kind, listener, { signal: ends.signal });
  let timer = null;
  let busy = false;
  let layout = "";

  const valueFor = (key) => explorer.value?.(data, state, key) ?? state[key];

  let later = 0;

  function draw(before, typing) {
    cancelAnimationFrame(later);
    // What takes longer than a frame is computed in slices, and shown when it is there.
    if (explorer.work?.(data, state)) {
      display.setAttribute("aria-busy", "true");
      later = requestAnimationFrame(() => draw(before, typing));
      return;
    }
    display.removeAttribute("aria-busy");
    explorer.sync?.(form, data, state);
    // Where nothing can be shown, the words say why, and what was last shown stays.
    room.layout = layout;
    const html = explorer.display(data, state, uid, before);
    room.layout = "";
    display.classList.toggle("lab-stale", !html);
    if (html) show(display, html);
    showIn(form, valueFor, typing);
    requestAnimationFrame(() => followChoice(display));
    show(says, explorer.says(data, state));
    show(code, explorer.code?.(data, state, before) ?? "");
    link.setAttribute("href", address(uid, state, first));
  }

  function change(changes, typing, seenFrom) {
    const next = explorer.clean(data, { ...state, ...changes });
    if (same(next, state)) return;
    const before = state;
    state = next;
    // A notebook's model tells of each value at once; the figure is drawn for all of them.
    busy = true;
    for (const key of keys) if (!same(next[key], before[key])) model.set(key, next[key]);
    model.save_changes();
    busy = false;
    draw(seenFrom ?? before, typing);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    says.setAttribute("aria-live", "polite");
    root.querySelector("[data-play]")?.setAttribute("aria-pressed", "false");
  }

  /** Go one step on, or to the first one after the last; return whether it was the last. */
  function advance(next = (explorer.now?.(data, state) ?? -1) + 1) {
    const steps = explorer.steps?.(data, state) ?? 0;
    if (steps) change(explorer.at(data, state, next < steps ? next : 0));
    return next + 1 === steps;
  }

  function play() {
    if (timer !== null) return stop();
    if (!explorer.steps(data, state)) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const go = (from) => advance(from) && stop();
    // A voice that reads every step out would lag behind; it reads the last one.
    says.setAttribute("aria-live", "off");
    root.querySelector("[data-play]").setAttribute("aria-pressed", "true");
    timer = setInterval(() => go(), still ? 1500 : explorer.pace ?? 600);
    // What a page opens with is a picture, not a place in a walk.
    go(same(state, first) ? 0 : undefined);
  }

  /** Change what a reader asked for: it ends a walk, and shows what the walk had not reached. */
  function ask(changes, typing, seenFrom) {
    stop();
    change({ ...explorer.settled, ...changes }, typing, seenFrom);
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "copied";
      told.textContent = `Copied ${button.dataset.copy}`;
    } catch {
      button.textContent = "not copied";
      told.textContent = "The browser did not let the page copy.";
    }
  }

  const follow = (hash) => {
    const changes = asked(uid, hash, first);
    if (!changes) return false;
    // A link tells what it changes in the first view, whatever was shown before it; a score stays.
    ask({ ...first, ...explorer.kept?.(state, changes), ...changes }, null, first);
    const fits = root.offsetHeight < innerHeight * 0.9;
    (fits ? root : display).scrollIntoView({ block: fits ? "nearest" : "start" });
    return true;
  };
  // A notebook's address is its own.
  const live = root.classList.contains("lab-live");
  const reset = () => {
    ask(first);
    if (live || !location.hash.startsWith(`#${uid}:`)) return;
    history.replaceState(history.state, "", location.pathname + location.search);
  };
  /** Choose what a button stands for; the part of it that was hit is told along. */
  const pick = (button, hit = button) =>
    ask(explorer.pick(data, state, button.dataset.pick, hit.closest("[data-part]")?.dataset.part));

  listen(form, "submit", (event) => {
    event.preventDefault();
    if (explorer.submit) ask(explorer.submit(data, state));
  });
  const typed = (control, value) =>
    ask(explorer.typed?.(data, state, control.dataset.key, control) ?? value, control);
  listen(root, "input", ({ target }) => {
    const { key } = target.dataset;
    if (!key) return;
    typed(target, { [key]: valueOf(target, state[key]) });
    // A control may have asked for more than there is: it shows what it got.
    showIn(form, valueFor, target);
  });
  // A number that was typed, and is more than there is, stays until it is left.
  listen(root, "change", ({ target }) => target.type === "number" && showIn(form, valueFor));
  listen(root, "click", ({ target, pointerType }) => {
    const button = target.closest("button, [data-pick]");
    if (!button) return;
    const { key, pick: picked } = button.dataset;
    if ("play" in button.dataset) play();
    else if ("full" in button.dataset) root.requestFullscreen();
    else if ("copy" in button.dataset) copy(button);
    else if ("reset" in button.dataset) reset();
    else if (picked !== undefined) pick(button, target);
    else if (key) typed(button, { [key]: state[key] === button.value ? "" : button.value });
    // A touch would bring the keys of a phone over the figure.
    if ("next" in button.dataset && pointerType !== "touch") form.querySelector("input").focus();
  });
  // A pointer that is drawn across a panel chooses what it passes.
  listen(root, "pointermove", (event) => {
    if (event.buttons !== 1 || !event.target.closest("[data-panel]")) return;
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-pick]");
    if (under && root.contains(under)) pick(under);
  });
  listen(root, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const button = event.target.closest("[data-panel] [data-pick]");
    if (
      event.key.toLowerCase() === "n" && !event.target.closest("input[type=text], select, textarea")
    ) {
      stop();
      advance();
    } else if (button && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      pick(button);
    } else if (button && (event.key in ARROWS || event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      const next = neighbour(button, event.key);
      if (!next) return;
      pick(next);
      next.focus();
    }
  });
  tips(root, listen);
  listen(document, "click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const href = event.target.closest?.("a[href^='#']")?.getAttribute("href");
    if (!href || !follow(href)) return;
    event.preventDefault();
    if (!live) history.pushState(null, "", href);
  });
  listen(globalThis, "hashchange", ({ oldURL }) => {
    const left = new URL(oldURL).hash.startsWith(`#${uid}:`);
    if (!follow(location.hash) && left) ask({ ...first, ...explorer.kept?.(state) });
  });
  const changed = () => {
    if (busy) return;
    const next = read();
    // What Python set and is not there became something near: the traits say what is shown.
    const moved = keys.filter((key) => !same(next[key], model.get(key)));
    busy = true;
    moved.forEach((key) => model.set(key, next[key]));
    if (moved.length) model.save_changes();
    busy = false;
    if (same(next, state)) return;
    state = next;
    draw();
  };
  model.on("change", changed);
  explorer.sync?.(form, data, state);
  root.querySelector("[data-full]").hidden = !document.fullscreenEnabled;
  const fit = (to) => {
    const before = layout;
    layout = to;
    if (before && before !== to) draw();
  };
  const resized = new ResizeObserver(() => fit(root.clientWidth > 600 ? "wide" : "narrow"));
  resized.observe(root);
  listen(globalThis, "beforeprint", () => fit(""));
  requestAnimationFrame(() => followChoice(display));
  if (explorer.work) draw();
  follow(location.hash);
  return () => {
    stop();
    cancelAnimationFrame(later);
    ends.abort();
    resized.disconnect();
    root.querySelector(".lab-tip").remove();
    model.off("change", changed);
  };
}
