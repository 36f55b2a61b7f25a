import { StoreUnavailable } from '../../errors.js';
import { missed, within } from '../../lib/deadline.js';
import { isReadOnly, isUnknownScript, unavailable } from './failure.js';
import type { Script } from './script.js';
import type { Wire } from './wire.js';

/**
 * The commands of one operation, which share its deadline. Each rejects with StoreUnavailable and nothing else; an
 * operation that was given up issues no further one.
 */
export class Commands {
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #onReadOnly: () => void;
  /** When the operation began, on the clock of `performance.now()`. */
  readonly start: number = performance.now();
  #isOver = false;

  /** `deadline`: ms. `onReadOnly`: called when a replica refuses a write. */
  constructor(wire: Wire, deadline: number, onReadOnly: () => void) {
    this.#wire = wire;
    this.#deadline = deadline;
    this.#onReadOnly = onReadOnly;
  }

  /** What is stored as a string; null for nothing. */
  async get(key: string): Promise<string | null> {
    const value = await this.do((wire) => wire.get(key));
    return value === null || value === undefined ? null : String(value);
  }

  /** The text that a script returns. */
  async run(script: Script, key: string, args: string[]): Promise<string> {
    return String(await this.do((wire) => this.#evaluate(wire, script, key, args)));
  }

  /** The texts that a script returns. */
  async list(script: Script, key: string, args: string[]): Promise<readonly string[]> {
    const reply = await this.do((wire) => this.#evaluate(wire, script, key, args));
    return Array.isArray(reply) ? reply.map(String) : [];
  }

  /** Any other command. */
  async do<Reply>(command: (wire: Wire) => Promise<Reply>): Promise<Reply> {
    const left = this.#timeLeft();
    try {
      return await within(left, 'Redis', command(this.#wire));
    } catch (error) {
      if (isReadOnly(error)) this.#onReadOnly();
      if (!(error instanceof StoreUnavailable)) throw unavailable(error);
      this.#isOver = true;
      throw this.#late();
    }
  }

  async #evaluate(wire: Wire, script: Script, key: string, args: string[]): Promise<unknown> {
    try {
      return await wire.evalSha(script.sha1, key, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      this.#timeLeft();
      return await wire.eval(script.source, key, args);
    }
  }

  #timeLeft(): number {
    const left = Math.ceil(this.start + this.#deadline - performance.now());
    // A timer may run out a little before the clock says so.
    if (this.#isOver || left <= 0) throw this.#late();
    return left;
  }

  #late(): StoreUnavailable {
    return missed('Redis', this.#deadline);
  }
}
