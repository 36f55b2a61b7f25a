/** @param {string} id */
export const at = (id) => document.getElementById(id);

/** @param {string} id of a template with one element */
export const copyOf = (id) => at(id).content.firstElementChild.cloneNode(true);

/**
 * Makes the children of a list show these items. An element stays the same as long as its item does, so that it keeps the focus.
 *
 * @template Item
 * @param {Element} list
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => HTMLElement} create
 * @param {(element: HTMLElement, item: Item) => void} update
 */
export function showList(list, items, keyOf, create, update) {
  const known = new Map([...list.children].map((element) => [element.dataset.key, element]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    const element = known.get(key) ?? create(item);
    known.delete(key);
    element.dataset.key = key;
    // Moving an element that is in its place already would take its focus.
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    update(element, item);
  });
  for (const element of known.values()) element.remove();
}

/** Sets a text, unless it is there: screen readers and selections notice each change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows a view of the page: elements with `data-in` are in some views only. */
export function showView(name) {
  if (viewShown() === name) return;
  document.body.dataset.view = name;
  for (const element of document.querySelectorAll('[data-in]')) {
    element.hidden = !element.dataset.in.split(' ').includes(name);
  }
}

/** Moves the focus there if the element that had it is gone. */
export function keepFocus(element) {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body || !activeElement.checkVisibility()) element.focus();
}

export const viewShown = () => document.body.dataset.view;
