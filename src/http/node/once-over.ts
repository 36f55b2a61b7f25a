import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';

/**
 * Calls back once, when a response is over: sent, or its connection closed. At the next turn if it is over already.
 * @param socket that of the request
 */
export function onceOver(response: ServerResponse, socket: unknown, callback: () => void): void {
  if (isUsual(response, socket)) {
    response.once('close', callback);
    return;
  }
  // The response of an upgrade never closes, and one over HTTP/2, or that waits behind another, may have closed unheard.
  const stream: unknown = Reflect.get(response, 'stream') ?? socket;
  const emitters = emittersOf(response, stream);
  if (emitters.length === 0) return;
  const over = (): void => {
    // Not the list from above, which streams would keep for as long as they are open.
    for (const emitter of emittersOf(response, stream)) unlisten(emitter, over);
    callback();
  };
  if (emitters.some(({ closed, destroyed }) => closed || destroyed)) setImmediate(callback);
  else for (const emitter of emitters) listen(emitter, over);
}

/** Whether Node itself closes the response: it has the connection of its request for itself, and is not over. */
function isUsual(response: ServerResponse, socket: unknown): boolean {
  const { req } = response;
  const isAssigned = response.socket !== null && response.socket === socket && !response.closed;
  return isAssigned && 'upgrade' in Object(req) && Reflect.get(req, 'upgrade') === false;
}

interface Emitter {
  readonly closed?: boolean;
  readonly destroyed?: boolean;
  on(name: 'close', listener: () => void): unknown;
  off(name: 'close', listener: () => void): unknown;
}

/**
 * What waits for an emitter, called by one listener of it. Responses that wait behind each other share their socket, and
 * Node warns of more than ten listeners, which any client could bring about.
 */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly all: () => void;
}

const waitingFor = new WeakMap<Emitter, Waiting>();

function listen(emitter: Emitter, callback: () => void): void {
  const known = waitingFor.get(emitter);
  if (known !== undefined) {
    known.callbacks.add(callback);
    return;
  }
  const callbacks = new Set([callback]);
  const all = (): void => {
    for (const one of [...callbacks]) one();
  };
  waitingFor.set(emitter, { callbacks, all });
  emitter.on('close', all);
}

function unlisten(emitter: Emitter, callback: () => void): void {
  const waiting = waitingFor.get(emitter);
  if (waiting === undefined) return;
  waiting.callbacks.delete(callback);
  if (waiting.callbacks.size > 0) return;
  waitingFor.delete(emitter);
  emitter.off('close', waiting.all);
}

function emittersOf(...candidates: readonly unknown[]): Emitter[] {
  return candidates.filter(isEmitter);
}

function isEmitter(value: unknown): value is Emitter {
  return hasMethods(value, 'on', 'off');
}
