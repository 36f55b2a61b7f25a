import type { ServerResponse } from 'node:http';
import { foldHead, type WriteHeadArguments } from './response-head.js';
import { nodeResponse } from './response-methods.js';

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

const GATE: unique symbol = Symbol('sessions-jwt.gate');

/** A response whose methods are, or were, ours. A property costs less than an entry of a WeakMap. */
export type Gated = ServerResponse & { [GATE]?: Gate };

/** The gate of a response; it stays after its head was sent, for a caller that kept one of our methods. */
export function gateOf(response: Gated): Gate | undefined {
  return response[GATE];
}

export function setGate(response: Gated, gate: Gate): void {
  response[GATE] = gate;
}

// For a response that has our methods, but was never given a gate.
const PASSED: Gate = {
  get original() {
    return nodeResponse();
  },
  isSettled: true,
  takes: () => true,
  enter: () => 'go',
  hold: () => undefined,
};

function writeHead(this: Gated, ...given: WriteHeadArguments): ServerResponse {
  const gate = this[GATE] ?? PASSED;
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

function write(this: Gated, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  const gate = this[GATE] ?? PASSED;
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

function end(this: Gated, chunk?: unknown, encoding?: unknown, callback?: unknown): ServerResponse {
  const gate = this[GATE] ?? PASSED;
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

function flushHeaders(this: Gated): void {
  const gate = this[GATE] ?? PASSED;
  const way = gate.enter(this);
  if (way === 'go') gate.original.flushHeaders.call(this);
  else if (way === 'wait') gate.hold(this, { kind: 'flushHeaders', run: () => gate.original.flushHeaders.call(this) });
}

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

/** Restores the original methods where ours are on top. */
export function uninstall(response: Partial<Methods>, original: Methods): void {
  if (response.writeHead === writeHead) response.writeHead = original.writeHead;
  if (response.write === write) response.write = original.write;
  if (response.end === end) response.end = original.end;
  if (response.flushHeaders === flushHeaders) response.flushHeaders = original.flushHeaders;
}

/** Calls a callback with the error that Node gives when the client is gone. */
export function refuse(callback: unknown): void {
  if (typeof callback !== 'function') return;
  const error = Object.assign(new Error('the response was abandoned or has ended: this is not sent'), {
    code: 'ERR_STREAM_DESTROYED',
  });
  process.nextTick(() => Reflect.apply(callback, undefined, [error]));
}
