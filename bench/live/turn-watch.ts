import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { StreamsCost } from './messages.js';

/** Resolves in the next turn of the event loop. */
export const nextTurn: () => Promise<void> = () => setImmediate();

/** Measures turns of the event loop: call `turn` in each. */
export class TurnWatch {
  readonly #start = performance.now();
  readonly #startCpu = cpu();
  #last: number = this.#start;
  #lastCpu: number = this.#startCpu;
  #turn = 0;
  #turnCpu = 0;

  /** A turn is over. Returns true. */
  turn(): true {
    const [now, used] = [performance.now(), cpu()];
    this.#turn = Math.max(this.#turn, now - this.#last);
    this.#turnCpu = Math.max(this.#turnCpu, used - this.#lastCpu);
    this.#last = now;
    this.#lastCpu = used;
    return true;
  }

  get cost(): StreamsCost {
    return {
      time: this.#last - this.#start,
      cpu: this.#lastCpu - this.#startCpu,
      turn: this.#turn,
      turnCpu: this.#turnCpu,
    };
  }
}

/** ms of this process so far. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
