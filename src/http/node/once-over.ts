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
  const stream: unknown = Reflect.get(response, 'stream');
  const connection = isEmitter(stream) ? undefined : socket;
  const emitters = emittersOf(response, stream, connection);
  if (emitters.length === 0) return;
  if (emitters.some(isOver)) {
    setImmediate(callback);
    return;
  }
  const over = (): void => {
    // Not the list from above, which streams would keep for as long as they are open.
    for (const emitter of emittersOf(response, stream)) emitter.off('close', over);
    if (isEmitter(response)) response.off('finish', over);
    if (isEmitter(connection)) unlisten(connection, over);
    callback();
  };
  for (const emitter of emittersOf(response, stream)) emitter.on('close', over);
  // Outside a server, as on serverless platforms, nothing closes a response that was sent.
  if (isEmitter(response)) response.on('finish', over);
  if (isEmitter(connection)) listen(connection, over);
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
  readonly finished?: boolean;
  readonly socket?: { readonly writableLength?: number } | null;
  on(name: 'close' | 'finish', listener: () => void): unknown;
  off(name: 'close' | 'finish', listener: () => void): unknown;
}

function isOver({ closed, destroyed, finished, socket }: Emitter): boolean {
  // Node's own `writableFinished` stays false if the socket is a stand-in that does not count.
  const isSent = finished === true && socket !== null && socket !== undefined && !socket.writableLength;
  return closed === true || destroyed === true || isSent;
}

/**
 * What waits for a connection, called by one listener of it. Responses that wait behind each other share it, and Node warns
 * of more than ten listeners, which any client could bring about.
 */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly all: () => void;
}

const waitingFor = new WeakMap<Emitter, Waiting>();

function listen(connection: Emitter, callback: () => void): void {
  const known = waitingFor.get(connection);
  if (known !== undefined) {
    known.callbacks.add(callback);
    return;
  }
  const callbacks = new Set([callback]);
  const all = (): void => {
    for (const one of [...callbacks]) one();
  };
  waitingFor.set(connection, { callbacks, all });
  connection.on('close', all);
}

function unlisten(connection: Emitter, callback: () => void): void {
  const waiting = waitingFor.get(connection);
  if (waiting === undefined) return;
  waiting.callbacks.delete(callback);
  if (waiting.callbacks.size > 0) return;
  waitingFor.delete(connection);
  connection.off('close', waiting.all);
}

function emittersOf(...candidates: readonly unknown[]): Emitter[] {
  return candidates.filter(isEmitter);
}

function isEmitter(value: unknown): value is Emitter {
  return hasMethods(value, 'on', 'off');
}
