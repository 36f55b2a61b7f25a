import type { Store } from '../../src/index.js';

/** While `run` is under way every call on the stores behind it waits here, and is let through one at a time. */
export class Turnstile {
  readonly #onCall: (args: readonly unknown[]) => void;
  #waiting: (() => Promise<unknown>)[] | undefined;

  /** `onCall` is told what each call hands to the store. */
  constructor(onCall: (args: readonly unknown[]) => void = () => undefined) {
    this.#onCall = onCall;
  }

  /** A store whose calls pass here. */
  before(store: Store): Store {
    return {
      ...(store.reach !== undefined && { reach: store.reach }),
      create: (...args) => this.#pass(args, () => store.create(...args)),
      load: (id, now) => this.#pass([id, now], () => store.load(id, now)),
      update: (record) => this.#pass([record], () => store.update(record)),
      touch: (...args) => this.#pass(args, () => store.touch(...args)),
      retire: (...args) => this.#pass(args, () => store.retire(...args)),
      delete: (id) => this.#pass([id], () => store.delete(id)),
      ofUser: (...args) => this.#pass(args, () => store.ofUser(...args)),
      deleteOfUser: (...args) => this.#pass(args, () => store.deleteOfUser(...args)),
      sweep: (now, limit) => this.#pass([now, limit], () => store.sweep(now, limit)),
      deleteAll: () => this.#pass([], async () => await store.deleteAll?.()),
      close: () => store.close(),
    };
  }

  /** Begins all of `works` together; of the calls that wait, the next of `picks` says which goes first. Gives what they came to. */
  async run<Result>(works: readonly (() => Promise<Result>)[], picks: readonly number[]): Promise<Result[]> {
    const waiting: (() => Promise<unknown>)[] = [];
    this.#waiting = waiting;
    let isDone = false;
    const all = Promise.all(works.map((work) => work())).finally(() => {
      isDone = true;
    });
    all.catch(() => undefined);
    for (let step = 0; !isDone; step += 1) {
      // Between two calls on a store a request does nothing that takes longer than this.
      await new Promise((resolve) => setImmediate(resolve));
      const [next] = waiting.splice((picks[step] ?? 0) % Math.max(1, waiting.length), 1);
      await next?.();
    }
    this.#waiting = undefined;
    return await all;
  }

  #pass<Result>(args: readonly unknown[], call: () => Promise<Result>): Promise<Result> {
    this.#onCall(args);
    const waiting = this.#waiting;
    if (waiting === undefined) return call();
    return new Promise((resolve, reject) => {
      waiting.push(() => {
        const called = call();
        return called.then(resolve, reject);
      });
    });
  }
}
