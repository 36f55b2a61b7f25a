import { StoreUnavailable } from '../../errors.js';
import { within } from '../../session/deadline.js';
import type { Wire } from './client.js';
import { isUnknownScript, unavailable } from './failure.js';
import type { Script } from './script.js';

/**
 * The commands of one operation, which share its deadline. Each rejects with StoreUnavailable and nothing else; an
 * operation that was given up issues no further one.
 */
export class Commands {
  readonly #wire: Wire;
  readonly #deadline: number;
  /** When the operation began, on the clock of `performance.now()`. */
  readonly start: number = performance.now();
  #isOver = false;

  /** `deadline`: ms */
  constructor(wire: Wire, deadline: number) {
    this.#wire = wire;
    this.#deadline = deadline;
  }

  /** What is stored as a string; null for nothing. */
  async get(key: string): Promise<string | null> {
    const value = await this.#bounded(() => this.#wire.get(key));
    return value === null || value === undefined ? null : String(value);
  }

  /** The text that a script answers. */
  async run(script: Script, key: string, args: string[]): Promise<string> {
    return String(await this.#bounded(() => this.#evaluate(script, key, args)));
  }

  /** The texts that a script answers. */
  async list(script: Script, key: string, args: string[]): Promise<readonly string[]> {
    const reply = await this.#bounded(() => this.#evaluate(script, key, args));
    return Array.isArray(reply) ? reply.map(String) : [];
  }

  async #evaluate(script: Script, key: string, args: string[]): Promise<unknown> {
    try {
      return await this.#wire.evalSha(script.sha1, key, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      this.#timeLeft();
      return await this.#wire.eval(script.source, key, args);
    }
  }

  async #bounded(command: () => Promise<unknown>): Promise<unknown> {
    const left = this.#timeLeft();
    try {
      return await within(left, 'Redis', command());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw unavailable(error);
      this.#isOver = true;
      throw this.#late();
    }
  }

  #timeLeft(): number {
    const left = Math.ceil(this.start + this.#deadline - performance.now());
    // A timer may run out a little before the clock says so.
    if (this.#isOver || left <= 0) throw this.#late();
    return left;
  }

  #late(): StoreUnavailable {
    return new StoreUnavailable(`Redis did not answer within ${this.#deadline} ms`);
  }
}
