import type { FastifyReply } from 'fastify';

/** Takes a reply over from Fastify, which sends nothing more. Headers set on the reply, such as those of CORS, are kept. */
export function takeOver(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined && !reply.raw.hasHeader(name)) reply.raw.setHeader(name, value);
  }
  reply.hijack();
}
