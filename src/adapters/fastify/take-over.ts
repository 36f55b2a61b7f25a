import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';

/** What is needed of a reply of Fastify over HTTP/1 or HTTP/2, whatever its route. */
export interface AnyFastifyReply {
  readonly raw: object;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  hijack(): unknown;
  callNotFound(): unknown;
}

/** Node's response of a reply. */
export function rawOf({ raw }: AnyFastifyReply): ServerResponse {
  if (!isResponse(raw)) throw new TypeError('stream: expected the reply that Fastify gave to the handler');
  return raw;
}

/** Takes a reply over from Fastify, which sends nothing more. Headers set on the reply, such as those of CORS, are kept. */
export function takeOver(reply: AnyFastifyReply): void {
  const raw = rawOf(reply);
  // Something else has answered, such as a timeout.
  if (raw.headersSent) return;

  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined && !raw.hasHeader(name)) raw.setHeader(name, value);
  }
  reply.hijack();
}

/** That of HTTP/2 has all that is used of it here. */
function isResponse(raw: object): raw is ServerResponse {
  return hasMethods(raw, 'writeHead', 'write', 'end', 'hasHeader', 'setHeader');
}
