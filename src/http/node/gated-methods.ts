import { ServerResponse } from 'node:http';
import { foldHead, type WriteHeadArguments } from './response-head.js';

/** The four methods of a response that send its head, as they are called. */
export interface Methods {
  writeHead(...given: WriteHeadArguments): ServerResponse;
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse;
  flushHeaders(): void;
}

/** A call that waits; `callback` is the caller's, for when it is never made. */
export interface Step {
  readonly kind: keyof Methods;
  readonly run: () => unknown;
  readonly callback?: unknown;
}

/** What becomes of a call: it is made, it waits, it is dropped. */
export type Way = 'go' | 'wait' | 'drop';

/** Decides what becomes of each call. */
export interface Gate {
  readonly original: Methods;
  readonly isSettled: boolean;
  /** Whether a call belongs to an answer that can still be sent; `isAnswer`: the call itself says that it begins one. */
  takes(response: ServerResponse, isAnswer?: boolean): boolean;
  /** Makes the call possible if it can be: `go` now, `wait` by `hold`, `drop`. */
  enter(response: ServerResponse, isAnswer?: boolean): Way;
  hold(step: Step): void;
}

/** The responses whose methods are ours, until their head is sent. */
export const gates: WeakMap<ServerResponse, Gate> = new WeakMap<ServerResponse, Gate>();

// For a caller that kept one of our methods after the gate was removed.
const PASSED: Gate = {
  original: ServerResponse.prototype,
  isSettled: true,
  takes: () => true,
  enter: () => 'go',
  hold: () => undefined,
};

function writeHead(this: ServerResponse, ...given: WriteHeadArguments): ServerResponse {
  const gate = gates.get(this) ?? PASSED;
  if (gate.isSettled) return gate.original.writeHead.apply(this, given);
  // `writeHead(200)` says nothing: Node and wrappers call it for an implicit head.
  const isAnswer = given.length > 1 || given[0] !== 200;
  if (!gate.takes(this, isAnswer)) return this;
  const folded = foldHead(this, given);
  const run = () => gate.original.writeHead.apply(this, folded);
  const way = gate.enter(this, isAnswer);
  if (way === 'go') return run();
  if (way === 'wait') gate.hold({ kind: 'writeHead', run });
  return this;
}

function write(this: ServerResponse, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') return gate.original.write.call(this, chunk, encoding, callback);
  const done = typeof encoding === 'function' ? encoding : callback;
  if (way === 'drop') refuse(done);
  else
    gate.hold({ kind: 'write', run: () => gate.original.write.call(this, chunk, encoding, callback), callback: done });
  return false;
}

function end(this: ServerResponse, chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') return gate.original.end.call(this, chunk, encoding, callback);
  const done = [chunk, encoding, callback].find((argument) => typeof argument === 'function');
  if (way === 'drop') refuse(done);
  else gate.hold({ kind: 'end', run: () => gate.original.end.call(this, chunk, encoding, callback), callback: done });
  return this;
}

function flushHeaders(this: ServerResponse): void {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') gate.original.flushHeaders.call(this);
  else if (way === 'wait') gate.hold({ kind: 'flushHeaders', run: () => gate.original.flushHeaders.call(this) });
}

const METHODS: Methods = { writeHead, write, end, flushHeaders };
const NAMES = ['writeHead', 'write', 'end', 'flushHeaders'] as const;

/** Puts our methods where `expected` stand: a wrapper put on since then still calls ours, and stays on top. */
export function install(response: Partial<Methods>, expected: Partial<Methods>): void {
  if (response.writeHead === expected.writeHead) response.writeHead = writeHead;
  if (response.write === expected.write) response.write = write;
  if (response.end === expected.end) response.end = end;
  if (response.flushHeaders === expected.flushHeaders) response.flushHeaders = flushHeaders;
}

/** Puts the original methods back where ours are on top. Returns whether nobody else wraps any of them. */
export function uninstall(response: Partial<Methods>, original: Methods): boolean {
  let isClean = true;
  for (const name of NAMES) {
    const isOnTop = response[name] === METHODS[name];
    if (isOnTop) Reflect.set(response, name, original[name]);
    // An earlier wrapper counts too: a caller that kept our method must still reach it.
    isClean &&= response[name] === (isOnTop ? PASSED.original[name] : original[name]);
  }
  return isClean;
}

/** Tells a caller that its data will not be sent, as Node does when the client is gone. */
export function refuse(callback: unknown): void {
  if (typeof callback !== 'function') return;
  const error = Object.assign(new Error('the response does not take this any more'), { code: 'ERR_STREAM_DESTROYED' });
  process.nextTick(() => Reflect.apply(callback, undefined, [error]));
}
