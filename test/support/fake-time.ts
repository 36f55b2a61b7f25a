import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import sinon from 'sinon';

/** Time that passes only when it is told to. */
export interface FakeTime {
  /** Lets `ms` pass, and everything happen that was waiting for it. */
  pass(ms: number): Promise<void>;
  /** How many timers are running. */
  readonly timers: number;
  /** Makes time real again. Returns how many timers were left. */
  restore(): number;
}

interface DelayOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Fakes Date and the timers, and `setTimeout` of node:timers/promises, which sinon's ESM build leaves alone. */
export function fakeTime(now: number): FakeTime {
  const clock = sinon.useFakeTimers({
    now,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  });
  const real = timersPromises.setTimeout;
  const fake = (ms: number, value: unknown, { signal }: DelayOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, ms);
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
    });
  Object.assign(timersPromises, { setTimeout: fake });
  syncBuiltinESMExports();
  return {
    pass: async (ms) => {
      await clock.tickAsync(ms);
    },
    get timers() {
      return clock.countTimers();
    },
    restore() {
      const left = clock.countTimers();
      clock.restore();
      Object.assign(timersPromises, { setTimeout: real });
      syncBuiltinESMExports();
      return left;
    },
  };
}

/** Fakes, in every test of a `describe`, the timers and `performance` alone, by which deadlines are kept. */
export function fakeDeadlines(): Pick<FakeTime, 'pass' | 'timers'> {
  let clock: sinon.SinonFakeTimers;

  beforeEach('time stands still', () => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });

  afterEach('time passes again', () => {
    clock.restore();
  });

  return {
    pass: async (ms) => {
      await clock.tickAsync(ms);
    },
    get timers() {
      return clock.countTimers();
    },
  };
}
