import type { ServerResponse } from 'node:http';

/** A quiet stream is not an idle connection. Node restores the server's timeout for the next request. */
export function neverIdle(response: ServerResponse): void {
  // Nothing times out, but the response that Fastify's `inject` makes requires a callback.
  response.setTimeout(0, ignore);
}

function ignore(): void {}
