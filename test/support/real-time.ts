import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

const NAMES = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const;

const setRealTimeout = globalThis.setTimeout;
const setRealInterval = globalThis.setInterval;
const realPause = timersPromises.setTimeout;
/** Timers that the tests of the file set. Node.js holds those that are running, so this need not. */
const timers = new Set<WeakRef<NodeJS.Timeout>>();
let fileCount = 0;
let real: readonly unknown[] = [];

type Callback = (...args: unknown[]) => void;

function tracked(timer: NodeJS.Timeout): NodeJS.Timeout {
  timers.add(new WeakRef(timer));
  return timer;
}

const setTrackedTimeout = (callback: Callback, ms?: number, ...args: unknown[]): NodeJS.Timeout =>
  tracked(setRealTimeout(callback, ms, ...args));

const setTrackedInterval = (callback: Callback, ms?: number, ...args: unknown[]): NodeJS.Timeout =>
  tracked(setRealInterval(callback, ms, ...args));

/** Never settles once the tests of the file are over. */
function trackedPause(...args: Parameters<typeof realPause>): Promise<unknown> {
  const count = fileCount;
  return new Promise((resolve, reject) => {
    realPause(...args).then(
      (value) => count === fileCount && resolve(value),
      (error: unknown) => count === fileCount && reject(error),
    );
  });
}

function presentNames(): readonly unknown[] {
  return NAMES.map((name) => Reflect.get(globalThis, name));
}

/** Tests of a file begin: from here on, real time is what is there now. */
export function realTimeBegins(): void {
  Object.defineProperty(setTrackedTimeout, promisify.custom, { value: trackedPause });
  Object.assign(globalThis, { setTimeout: setTrackedTimeout, setInterval: setTrackedInterval });
  Object.assign(timersPromises, { setTimeout: trackedPause });
  syncBuiltinESMExports();
  real = presentNames();
}

/**
 * Tests of a file are over, and so is everything that waits for a timer of theirs. A storage that they left open would go on in tests of
 * later files: its retries would set timers in their faked time, and be counted there.
 *
 * Time that they left faked would fail those tests, so it becomes real. @throws then, because it is the fault of this file
 */
export function realTimeEnds(): void {
  fileCount += 1;
  for (const timer of timers) clearTimeout(timer.deref());
  timers.clear();
  const faked = NAMES.filter((name, index) => Reflect.get(globalThis, name) !== real[index]);
  for (const [index, name] of NAMES.entries()) Object.assign(globalThis, { [name]: real[index] });
  Object.assign(globalThis, { setTimeout: setRealTimeout, setInterval: setRealInterval });
  Object.assign(timersPromises, { setTimeout: realPause });
  syncBuiltinESMExports();
  if (faked.length > 0) throw new Error(`a test of this file left these faked: ${faked.join(', ')}`);
}
