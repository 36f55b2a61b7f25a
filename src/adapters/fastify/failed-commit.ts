import type { FastifyReply } from 'fastify';
import { SessionError } from '../../errors.js';
import type { Exchange } from '../../http/exchange.js';
import { isOfAnswer } from '../../lib/body-headers.js';

/**
 * Discards an answer whose session could not be committed: error handlers begin with the status of the error, without the
 * headers that described the answer. Cookies stay.
 */
export function discardAnswer(reply: FastifyReply, exchange: Exchange, error: unknown): void {
  for (const name of exchange.responseHeaderNames()) {
    if (isOfAnswer(name, exchange.responseHeader(name))) exchange.removeResponseHeader(name);
  }
  exchange.setResponseHeader('Cache-Control', 'private, no-store');
  reply.raw.statusCode = statusOf(error);
}

/** Answers after a failed commit at the raw head: by Fastify, unless the application has taken the reply over. */
export function answerFailure(reply: FastifyReply, error: unknown): void {
  if (reply.raw.headersSent) reply.log.error({ err: error }, 'the response failed after its head was sent');
  else if (reply.sent) answerHijacked(reply, error);
  else reply.send(error instanceof Error ? error : new Error('the session could not be saved', { cause: error }));
}

/** Fastify sends nothing more for a hijacked reply. This answers as its own error handler does. */
function answerHijacked(reply: FastifyReply, error: unknown): void {
  reply.log.error({ err: error }, 'the session of a hijacked reply could not be saved');
  const statusCode = statusOf(error);
  const { code, message } = error instanceof SessionError ? error : {};
  reply.raw.statusCode = statusCode;
  reply.raw.setHeader('Content-Type', 'application/json; charset=utf-8');
  // To import a value of node:http loads much more: see `nodeResponse`.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  reply.raw.end(JSON.stringify({ statusCode, code, error: STATUS_CODES[statusCode], message }));
}

function statusOf(error: unknown): number {
  return error instanceof SessionError ? error.status : 500;
}
