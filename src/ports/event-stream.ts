import type { StreamHead } from './stream.js';

/** The head of an event stream. Nothing hop-by-hop, which HTTP/2 forbids. Proxies neither cache, nor transform, nor collect it. */
export const EVENT_STREAM: StreamHead = Object.freeze({
  status: 200,
  headers: Object.freeze({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'private, no-store, no-transform',
    'x-accel-buffering': 'no',
  }),
});
