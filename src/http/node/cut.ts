import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';

/** The code of HTTP/2 for a stream that is not wanted any more (RFC 9113 section 7). */
const CANCEL = 8;

/** Ends a response at once, so that its client can know that it is not whole. Throws nothing, and emits no error. */
export function cut(response: ServerResponse): void {
  const stream: unknown = Reflect.get(response, 'stream');
  // `destroy` alone closes a stream of HTTP/2 with NO_ERROR, which clients take for the end of the response.
  if (isOfHttp2(stream)) stream.close(CANCEL);
  if (hasMethods(response, 'destroy')) response.destroy();
}

function isOfHttp2(stream: unknown): stream is { close(code: number): void } {
  return hasMethods(stream, 'close', 'respond');
}
