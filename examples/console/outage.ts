import { StoreUnavailable } from 'sessions-jwt';

/** Tells the log when a server goes away and when it is back, each once however often that is tried. */
export class Outage {
  readonly #server: string;
  #isUnderWay = false;

  constructor(server: string) {
    this.#server = server;
  }

  begin(error: unknown): void {
    if (!this.#isUnderWay) console.error(`${this.#server} went away: ${reasonOf(error)}`);
    this.#isUnderWay = true;
  }

  end(): void {
    if (this.#isUnderWay) console.error(`${this.#server} is back`);
    this.#isUnderWay = false;
  }
}

/** Why something failed, in a line. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof StoreUnavailable ? (error.cause ?? error) : error;
  if (!(inner instanceof Error)) return 'for an unknown reason';
  // Where a name has two addresses there are two errors, and what holds them says nothing itself.
  return inner.message || ('code' in inner ? String(inner.code) : inner.name);
}
