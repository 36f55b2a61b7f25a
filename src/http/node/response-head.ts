import type { ServerResponse } from 'node:http';
import { BODY_HEADERS, isOfAnswer } from '../../lib/body-headers.js';
import { hasMethods } from '../../lib/strict-options.js';
import { nodeResponse } from './response-methods.js';

/** The arguments of `writeHead`: `(status, headers?)` or `(status, message, headers?)`. */
export type WriteHeadArguments = [status: number, reason?: unknown, headers?: unknown];

/** Status and body headers at one moment, without those that a commit may set (`Set-Cookie`, `Vary`, `Cache-Control`). */
export interface HeadSnapshot {
  readonly status: number;
  readonly message: string;
  readonly body: readonly ReturnType<ServerResponse['getHeader']>[];
}

const BAD_MESSAGE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Moves the arguments of `writeHead` into the response's own status and headers, so that headers set later are merged with
 * them. Returns the arguments for the original `writeHead`.
 *
 * @throws what Node throws for this call, before anything is sent
 */
export function foldHead(response: ServerResponse, given: WriteHeadArguments): WriteHeadArguments {
  const [status, reason] = given;
  const headers = typeof reason === 'string' ? given[2] : (given[2] ?? reason);
  const code = status | 0;
  if (code < 100 || code > 999 || (typeof reason === 'string' && BAD_MESSAGE.test(reason)) || isOddList(headers)) {
    // Always throws, with Node's own error, before anything is sent.
    Reflect.apply(nodeResponse().writeHead, response, given);
  }
  response.statusCode = code;
  if (typeof reason === 'string') response.statusMessage = reason;
  if (Array.isArray(headers)) foldList(response, headers);
  else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) if (name) put(response, 'setHeader', name, value);
  }
  return typeof reason === 'string' ? [code, reason] : [code];
}

/** The status and body headers now. */
export function snapshotHead(response: ServerResponse): HeadSnapshot {
  return {
    status: response.statusCode,
    message: hasMessage(response) ? response.statusMessage : '',
    body: BODY_HEADERS.map((name) => response.getHeader(name)),
  };
}

/** Whether status and body headers are unchanged. */
export function isSameHead(response: ServerResponse, snapshot: HeadSnapshot): boolean {
  return (
    response.statusCode === snapshot.status &&
    BODY_HEADERS.every((name, i) => response.getHeader(name) === snapshot.body[i])
  );
}

/** Restores status and body headers. */
export function restoreHead(response: ServerResponse, snapshot: HeadSnapshot): void {
  response.statusCode = snapshot.status;
  if (hasMessage(response)) response.statusMessage = snapshot.message;
  BODY_HEADERS.forEach((name, i) => {
    const value = snapshot.body[i];
    if (response.getHeader(name) === value) return;
    if (value !== undefined) response.setHeader(name, value);
    // Removing an absent header is not a no-op in Node: it rules out Content-Length and chunks for this response.
    else response.removeHeader(name);
  });
}

/** Discards an answer that will not be sent: status 200, no body headers. Cookies and `Vary` stay, and caches keep nothing. */
export function discardHead(response: ServerResponse): void {
  response.statusCode = 200;
  if (hasMessage(response)) response.statusMessage = '';
  const names = hasMethods(response, 'getHeaderNames')
    ? response.getHeaderNames()
    : [...BODY_HEADERS, 'expires', 'cache-control'];
  for (const name of names) {
    const value = response.getHeader(name);
    if (value !== undefined && isOfAnswer(name, value)) response.removeHeader(name);
  }
  // The page of an error handler may be a personal one.
  response.setHeader('Cache-Control', 'private, no-store');
}

/** Whether this is a response whose head is still to be sent, with all that is needed to decide it. */
export function canSendHead(response: ServerResponse): boolean {
  // By name, because each request asks.
  const { writeHead, write, end, setHeader, getHeader, removeHeader } = response;
  const isWhole = isFunction(writeHead) && isFunction(write) && isFunction(end);
  const hasHeaders = isFunction(setHeader) && isFunction(getHeader) && isFunction(removeHeader);
  return isWhole && hasHeaders && typeof response.statusCode === 'number' && !response.headersSent;
}

/** Whether an answer was begun since {@link discardHead}. */
export function isHeadBegun(response: ServerResponse): boolean {
  return (
    response.headersSent ||
    response.statusCode !== 200 ||
    BODY_HEADERS.some((name) => response.getHeader(name) !== undefined)
  );
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isOddList(headers: unknown): boolean {
  return Array.isArray(headers) && !Array.isArray(headers[0]) && headers.length % 2 !== 0;
}

// A name that is twice in the list keeps both values; one set before is replaced. Set-Cookie lines must survive (CVE-2025-7339).
function foldList(response: ServerResponse, list: readonly unknown[]): void {
  const isPaired = Array.isArray(list[0]);
  const seen = new Set<string>();
  for (let i = 0; i < list.length; i += isPaired ? 1 : 2) {
    const entry = list[i];
    const [name, value]: unknown[] = isPaired && Array.isArray(entry) ? entry : [entry, list[i + 1]];
    if (!name) continue;
    const key = String(name).toLowerCase();
    put(response, seen.has(key) ? 'appendHeader' : 'setHeader', name, value);
    seen.add(key);
  }
}

// Copies arrays: Node would append the session's cookie to the caller's array, which requests may share.
function put(response: ServerResponse, verb: 'setHeader' | 'appendHeader', name: unknown, value: unknown): void {
  const copy: unknown = Array.isArray(value) ? [...value] : value;
  if (hasMethods(response, verb)) Reflect.apply(response[verb], response, [name, copy]);
  else response.setHeader(String(name), [response.getHeader(String(name)) ?? [], copy].flat().map(String));
}

/** HTTP/2 has no status message (RFC 9113 section 8.3.1), and Node warns of code that looks for one. */
function hasMessage(response: ServerResponse): boolean {
  return !('createPushResponse' in response);
}
