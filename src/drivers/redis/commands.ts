import { StoreUnavailable } from '../../errors.js';
import { missed, within } from '../../lib/deadline.js';
import { isReadOnly, isUnknownScript, unavailable } from './failure.js';
import type { Script } from './script.js';
import type { Wire } from './wire.js';

/**
 * Sends the commands of one operation, which share its deadline. Every command rejects only with StoreUnavailable. After the deadline, no
 * further command is sent.
 */
export class Commands {
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #onReadOnly: () => void;
  /** When the operation began, a time of `performance.now()`. */
  readonly start: number = performance.now();
  #isOver = false;

  /** `deadline`: ms. `onReadOnly`: called when a replica refuses a write. */
  constructor(wire: Wire, deadline: number, onReadOnly: () => void) {
    this.#wire = wire;
    this.#deadline = deadline;
    this.#onReadOnly = onReadOnly;
  }

  /** The string of a key; null when there is none. */
  async get(key: string): Promise<string | null> {
    const value = await this.do((wire) => wire.get(key));
    return value === null || value === undefined ? null : String(value);
  }

  /** Runs a script that returns a string. */
  async run(script: Script, key: string, args: string[]): Promise<string> {
    return String(await this.reply(script, [key], args));
  }

  /** Runs a script that returns a list of strings. */
  async list(script: Script, key: string, args: string[]): Promise<readonly string[]> {
    const reply = await this.reply(script, [key], args);
    return Array.isArray(reply) ? reply.map(String) : [];
  }

  /** Runs a script on keys of one slot. */
  reply(script: Script, keys: string[], args: string[]): Promise<unknown> {
    return this.do((wire) => this.#evaluate(wire, script, keys, args));
  }

  /** Sends any other command. */
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

  async #evaluate(wire: Wire, script: Script, keys: string[], args: string[]): Promise<unknown> {
    try {
      return await wire.evalSha(script.sha1, keys, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      this.#timeLeft();
      return await wire.eval(script.source, keys, args);
    }
  }

  #timeLeft(): number {
    const left = Math.ceil(this.start + this.#deadline - performance.now());
    // A timer may fire shortly before performance.now() reaches the deadline.
    if (this.#isOver || left <= 0) throw this.#late();
    return left;
  }

  #late(): StoreUnavailable {
    return missed('Redis', this.#deadline);
  }
}
