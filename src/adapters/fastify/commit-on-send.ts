import type { FastifyReply, FastifyRequest } from 'fastify';
import { type HeadHooks, withdrawHead } from '../../http/node/deferred-head.js';
import type { Commit } from './commit-once.js';
import { discardAnswer } from './failed-commit.js';
import { ReplyExchange } from './reply-exchange.js';

/** The commit of a request, and what waits for its raw head. */
export interface Pending {
  readonly commit: Commit;
  readonly hooks: HeadHooks;
}

/** Commits to the headers of the reply, in `onSend`. A failure is Fastify's: its error handlers answer. */
export function commitOnSend(pending: Pending, request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
  const exchange = new ReplyExchange(request, reply);
  const committed = (): void => withdrawHead(reply.raw, pending.hooks);
  const failed = (error: unknown): never => {
    committed();
    discardAnswer(reply, exchange, error);
    throw error;
  };
  try {
    const result = pending.commit(exchange);
    if (result instanceof Promise) return result.then(committed, failed);
  } catch (error) {
    return failed(error);
  }
  return committed();
}
