/** Changes `target`, an element of the page, so that it equals `replacement`. */
export type Morph = (target: Element, replacement: Element) => unknown;

/** A Trusted Types policy. Browsers without Trusted Types use the text itself. */
interface Policy {
  createHTML(html: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: Policy): Policy;
}

const RULES: Policy = { createHTML: (html) => html };

let policy: Policy | undefined;

/**
 * Creates the Trusted Types policy `sessions-jwt`, once in a page.
 * @throws TypeError if the Content-Security-Policy of the page does not allow it
 */
export function createPolicy(): void {
  const factory: unknown = Reflect.get(globalThis, 'trustedTypes');
  policy ??= isFactory(factory) ? factory.createPolicy('sessions-jwt', RULES) : RULES;
}

/** Applies markup to the page: each root to the element with its id. Scripts in it are removed. */
export function applyMarkup(html: string, morph: Morph): void {
  const template = document.createElement('template');
  template.innerHTML = (policy ?? RULES).createHTML(html);
  for (const script of template.content.querySelectorAll('script')) script.remove();
  for (const root of [...template.content.children]) {
    const target = root.id === '' ? null : document.getElementById(root.id);
    if (target !== null) morph(target, root);
    else console.warn('sessions-jwt: ignored markup without an element of the same id in the page');
  }
}

/** Replaces the element. What its user typed there is lost. */
export const replace: Morph = (target, replacement) => target.replaceWith(replacement);

function isFactory(value: unknown): value is PolicyFactory {
  return typeof value === 'object' && value !== null && 'createPolicy' in value;
}
