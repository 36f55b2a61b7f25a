import type { Sink } from '../ports/stream.js';

/** Why the client should come back, and when: whole seconds. */
const RETRY_AFTER = { 'retry-after': '30' };

/** Answers without a stream. */
export function answer(sink: Sink, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const retry = status === 429 || status === 503 ? RETRY_AFTER : {};
  sink.begin({ status, headers: { 'cache-control': 'private, no-store', ...retry, ...headers } });
  sink.end();
}
