import { ServerResponse } from 'node:http';
import { foldHead, type WriteHeadArguments } from './response-head.js';

/** The four methods of a response that send its head. */
export interface Methods {
  writeHead(...given: WriteHeadArguments): ServerResponse;
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse;
  flushHeaders(): void;
}

/** A call that waits. `callback` is the caller's; it gets an error if the call is dropped. */
export interface Step {
  readonly kind: keyof Methods;
  readonly run: () => unknown;
  readonly callback?: unknown;
}

/** What happens to a call: made, delayed or dropped. */
export type Way = 'go' | 'wait' | 'drop';

/** Decides what happens to each call. */
export interface Gate {
  readonly original: Methods;
  readonly isSettled: boolean;
  /** Whether a call belongs to an answer that can still be sent. `isAnswer`: the call itself begins one. */
  takes(response: ServerResponse, isAnswer?: boolean): boolean;
  /** Starts the commit if need be, and says what to do with the call: `go`, `wait` (see `hold`) or `drop`. */
  enter(response: ServerResponse, isAnswer?: boolean): Way;
  hold(response: ServerResponse, step: Step): void;
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
  // Node and wrappers call `writeHead(200)` for an implicit head: that begins no answer.
  const isAnswer = given.length > 1 || given[0] !== 200;
  if (!gate.takes(this, isAnswer)) return this;
  const folded = foldHead(this, given);
  const run = () => gate.original.writeHead.apply(this, folded);
  const way = gate.enter(this, isAnswer);
  if (way === 'go') return run();
  if (way === 'wait') gate.hold(this, { kind: 'writeHead', run });
  return this;
}

function write(this: ServerResponse, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') return gate.original.write.call(this, chunk, encoding, callback);
  const done = typeof encoding === 'function' ? encoding : callback;
  if (way === 'drop') refuse(done);
  else
    gate.hold(this, {
      kind: 'write',
      run: () => gate.original.write.call(this, chunk, encoding, callback),
      callback: done,
    });
  return false;
}

function end(this: ServerResponse, chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') return gate.original.end.call(this, chunk, encoding, callback);
  const done = [chunk, encoding, callback].find((argument) => typeof argument === 'function');
  if (way === 'drop') refuse(done);
  else
    gate.hold(this, {
      kind: 'end',
      run: () => gate.original.end.call(this, chunk, encoding, callback),
      callback: done,
    });
  return this;
}

function flushHeaders(this: ServerResponse): void {
  const gate = gates.get(this) ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') gate.original.flushHeaders.call(this);
  else if (way === 'wait') gate.hold(this, { kind: 'flushHeaders', run: () => gate.original.flushHeaders.call(this) });
}

const METHODS: Methods = { writeHead, write, end, flushHeaders };
const NAMES = ['writeHead', 'write', 'end', 'flushHeaders'] as const;

/** Replaces the methods that are `expected`. A wrapper installed since then calls ours, and stays on top. */
export function install(response: Partial<Methods>, expected: Partial<Methods>): void {
  if (response.writeHead === expected.writeHead) response.writeHead = writeHead;
  if (response.write === expected.write) response.write = write;
  if (response.end === expected.end) response.end = end;
  // Stand-ins for a response may lack this one.
  if (expected.flushHeaders !== undefined && response.flushHeaders === expected.flushHeaders) {
    response.flushHeaders = flushHeaders;
  }
}

/** Restores the original methods where ours are on top. Returns whether no other wrapper was found. */
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

/** Calls a callback with the error that Node gives when the client is gone. */
export function refuse(callback: unknown): void {
  if (typeof callback !== 'function') return;
  const error = Object.assign(new Error('the response was abandoned or has ended: this is not sent'), {
    code: 'ERR_STREAM_DESTROYED',
  });
  process.nextTick(() => Reflect.apply(callback, undefined, [error]));
}
