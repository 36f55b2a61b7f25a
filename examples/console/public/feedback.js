import { Refusal } from './api.js';
import { at } from './dom.js';

/** The field that each place asks for, if it has one. */
const FIELDS = { 'sign-in': 'name', data: 'data-text', send: 'text' };

/** Shows text where the action was: at `${place}-message`, or in an element. Older messages disappear. */
export function say(place, text, isFailed = false) {
  for (const message of document.querySelectorAll('.message')) message.textContent = '';
  const message = typeof place === 'string' ? at(`${place}-message`) : place;
  message.textContent = text;
  message.classList.toggle('failed', isFailed);
  for (const [name, field] of Object.entries(FIELDS)) {
    at(field).setAttribute('aria-invalid', String(isFailed && name === place));
  }
}

/** Runs an action and shows its outcome: `done`, or the text that it returns, or `[place, text]` if its place is gone then. */
export async function run(place, done, action) {
  // Without the old text, a screen reader says the same text again.
  say(place, '');
  try {
    const said = await action();
    if (Array.isArray(said)) say(...said);
    else say(place, said ?? done);
  } catch (error) {
    fail(place, error);
  }
}

export function fail(place, error) {
  const isKnown = error instanceof Refusal || error instanceof SyntaxError;
  say(place, isKnown ? error.message : 'The service does not respond. Is it running?', true);
}
