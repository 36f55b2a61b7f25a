import { setTimeout as pause } from 'node:timers/promises';
import { type LiveSessions, message } from '../../../src/live/index.js';

/** ms between two messages. */
const PACE = 10;

/** The data of a message; without a number, it is the last one. */
export interface Said {
  readonly as: string;
  readonly number: number | null;
}

/** Sends messages with increasing numbers to a user, one after the other, whether they are taken or not. */
export class Speaker {
  /** The number of the next message. */
  next = 0;
  readonly #live: LiveSessions;
  readonly #uid: string;
  readonly #as: string;
  readonly #acknowledged: number[] = [];
  readonly #spoken: Promise<void>;
  #isOver = false;

  constructor(live: LiveSessions, uid: string, as: string) {
    this.#live = live;
    this.#uid = uid;
    this.#as = as;
    this.#spoken = this.#speak();
  }

  /** Sends the last message; returns the numbers that were acknowledged. */
  async hush(): Promise<readonly number[]> {
    this.#isOver = true;
    await this.#spoken;
    await this.#say(null);
    return this.#acknowledged;
  }

  async #speak(): Promise<void> {
    while (!this.#isOver) {
      const number = this.next++;
      await this.#say(number).then(
        () => this.#acknowledged.push(number),
        () => undefined,
      );
      await pause(PACE);
    }
  }

  #say(number: number | null): Promise<void> {
    const said: Said = { as: this.#as, number };
    return this.#live.send({ uid: this.#uid }, message('said', said));
  }
}
