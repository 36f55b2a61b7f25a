import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

/** Timers that wait this long (ms) are of storages that a test left open: their sweeps, and the like. */
const LONG = 60_000;
const NAMES = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const;

const setRealTimeout = globalThis.setTimeout;
const realPause = timersPromises.setTimeout;
const waiting = new Set<NodeJS.Timeout>();
let real: readonly unknown[] = [];

function setTrackedTimeout(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): NodeJS.Timeout {
  const timer = setRealTimeout(callback, ms, ...args);
  if (ms !== undefined && ms >= LONG) waiting.add(timer);
  return timer;
}

function presentNames(): readonly unknown[] {
  return NAMES.map((name) => Reflect.get(globalThis, name));
}

/** Tests of a file begin: from here on, real time is what is there now. */
export function realTimeBegins(): void {
  Object.defineProperty(setTrackedTimeout, promisify.custom, { value: Reflect.get(setRealTimeout, promisify.custom) });
  Object.assign(globalThis, { setTimeout: setTrackedTimeout });
  real = presentNames();
}

/**
 * Tests of a file are over. A storage that they left open would set timers in the faked time of tests of later files, so long timers end here.
 *
 * Time that they left faked would fail those tests, so it becomes real. @throws then, because it is the fault of this file
 */
export function realTimeEnds(): void {
  for (const timer of waiting) clearTimeout(timer);
  waiting.clear();
  const faked = NAMES.filter((name, index) => Reflect.get(globalThis, name) !== real[index]);
  for (const [index, name] of NAMES.entries()) Object.assign(globalThis, { [name]: real[index] });
  Object.assign(globalThis, { setTimeout: setRealTimeout });
  Object.assign(timersPromises, { setTimeout: realPause });
  syncBuiltinESMExports();
  if (faked.length > 0) throw new Error(`a test of this file left these faked: ${faked.join(', ')}`);
}
