// Let the explorers of a page live, and write one without a browser.

import { mount, whole } from "./kit.js";

/** Return the data and the first state of an explorer: in its own element, or in a file. */
function given(root) {
  const own = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  return own.file ? globalThis.labData[own.file] : own;
}

/** Return an explorer as it is first seen, from what Python gave. */
export const written = (explorer, { data, state }, uid) =>
  whole(explorer, data, explorer.clean(data, state), uid);

const nothing = () => {};

/** Mount an explorer wherever a page has one of its kind. */
export function boot(explorer, name) {
  for (const root of document.querySelectorAll(`.lab-explorer[data-explorer="${name}"]`)) {
    const { data, state } = given(root);
    // No Python listens here, or sets anything: the model has the first state, and keeps it.
    const get = (key) => (key === "data" ? data : state[key]);
    const model = { get, set: nothing, save_changes: nothing, on: nothing, off: nothing };
    mount(explorer, model, root, root.id);
  }
}

let count = 0;

/** Return what anywidget wants of an explorer: a way to render it in a notebook. */
export const widget = (explorer, name) => ({
  render({ model, el }) {
    const id = model.get("id");
    const uid = document.getElementById(id) ? `${id}-${++count}` : id;
    const root = document.createElement("div");
    root.className = "lab-explorer lab-live";
    root.id = uid;
    root.dataset.explorer = name;
    el.append(root);
    return mount(explorer, model, root, uid);
  },
});
