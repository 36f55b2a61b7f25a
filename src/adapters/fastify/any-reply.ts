import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';

/** What is needed of a reply of Fastify over HTTP/1 or HTTP/2, whatever its route. */
export interface AnyFastifyReply {
  readonly raw: object;
  code(status: number): unknown;
  getHeader(name: string): number | string | string[] | undefined;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  header(name: string, value: unknown): unknown;
  removeHeader(name: string): unknown;
  send(payload: unknown): unknown;
  hijack(): unknown;
  callNotFound(): unknown;
}

/** A reply with Node's response behind it. That of HTTP/2 has all that is used of it here. */
export interface NodeReply extends AnyFastifyReply {
  readonly raw: ServerResponse;
}

/** The reply that a handler got. @throws TypeError for anything else */
export function nodeReplyOf(reply: AnyFastifyReply): NodeReply {
  if (!isNodeReply(reply)) throw new TypeError('stream: expected the reply that Fastify gave to the handler');
  return reply;
}

function isNodeReply(reply: AnyFastifyReply): reply is NodeReply {
  return hasMethods(reply.raw, 'writeHead', 'write', 'end', 'hasHeader', 'setHeader');
}
