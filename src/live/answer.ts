import type { Sink, StreamHead } from '../ports/stream.js';

/** Why the client should come back, and when: whole seconds. */
const RETRY_AFTER = { 'retry-after': '30' };

/** The head of a stream. Nothing hop-by-hop, which HTTP/2 forbids. Proxies neither cache, nor transform, nor collect it. */
export const STREAM_HEAD: StreamHead = Object.freeze({
  status: 200,
  headers: Object.freeze({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'private, no-store, no-transform',
    'x-accel-buffering': 'no',
  }),
});

/** Answers without a stream. */
export function answer(sink: Sink, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const retry = status === 429 || status === 503 ? RETRY_AFTER : {};
  sink.begin({ status, headers: { 'cache-control': 'private, no-store', ...retry, ...headers } });
  sink.end();
}
