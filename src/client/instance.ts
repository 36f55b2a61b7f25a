import { isInstance } from './read-event.js';

const KEY = 'sessions-jwt:instance';

/** The id of this tab. It survives reloads. A tab that is duplicated copies it, and then gets another one from the server. */
export class Instance {
  #id: string;

  constructor() {
    const kept = read();
    this.#id = isInstance(kept) ? kept : randomId();
    this.set(this.#id);
  }

  get id(): string {
    return this.#id;
  }

  set(id: string): void {
    this.#id = id;
    try {
      sessionStorage.setItem(KEY, id);
    } catch {
      // Storage is full, or the user blocks it: the id lasts as long as the page.
    }
  }
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** 128 random bits. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
