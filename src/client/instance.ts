import { isInstance } from './read-event.js';

const ID = 'sessions-jwt:instance';
/** The page that had the tab last, and whether it has left. */
const PAGE = 'sessions-jwt:page';
const LEFT = 'sessions-jwt:left';

/**
 * The id of this tab. It survives reloads: the page that leaves says so to the next one, which takes the place of its stream. A tab that
 * is duplicated copies the id of a page that has not left, and gets another one from the server.
 */
export class Instance {
  /** The name of this page. Only the next page of this tab learns it. */
  readonly page: string = randomId();
  #id = randomId();
  #previous: string | undefined;

  constructor() {
    this.#take(read(LEFT) === 'yes');
  }

  get id(): string {
    return this.#id;
  }

  /** The page whose stream this one replaces, if the server takes that for open. */
  get previous(): string | undefined {
    return this.#previous;
  }

  set(id: string): void {
    this.#id = id;
    write(ID, id);
  }

  /** The server has another tab with this id. */
  renew(): void {
    this.set(randomId());
  }

  /** Another page had the stream until now. */
  follow(page: string): void {
    this.#previous = page;
  }

  /** The server has answered with a stream. Two pages that named each other for ever would cut each other for ever. */
  arrive(): void {
    this.#previous = undefined;
  }

  /** The page leaves, perhaps for good. */
  leave(): void {
    this.set(this.#id);
    write(PAGE, this.page);
    write(LEFT, 'yes');
  }

  /** The page is shown again. No copy of a tab is; and the page after it may leave only now. */
  comeBack(): void {
    this.#take(true);
  }

  #take(isNext: boolean): void {
    const [id, page] = [read(ID), read(PAGE)];
    if (isNext && isInstance(page) && page !== this.page) this.follow(page);
    this.set(isInstance(id) ? id : this.#id);
    write(PAGE, this.page);
    write(LEFT, 'no');
  }
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Storage is full, or the user blocks it: the id lasts as long as the page.
  }
}

/** 128 random bits. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
