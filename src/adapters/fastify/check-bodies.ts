import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Activation } from '../../http/activation.js';
import type { OpenedSession } from '../../storage/session-source.js';

type Checking = Pick<Activation<OpenedSession, FastifyRequest>, 'needsToken' | 'checkCsrf'>;

/** Checks the CSRF tokens in bodies that the parsers of Fastify made. */
export function checkBodies(instance: FastifyInstance, activation: Checking): void {
  const check = (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (activation.needsToken(request) && isParsed(request.body)) activation.checkCsrf(request, request.body);
    done();
  };
  // Before schemas remove the field.
  instance.addHook('preValidation', check);
  // Other plugins set the body in `preValidation`, such as @fastify/multipart with `attachFieldsToBody`.
  instance.addHook('preHandler', check);
}

/** Whether a body has fields, so that a token is in it or missing. The handler parses others, such as text and streams. */
function isParsed(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !ArrayBuffer.isView(body) && !(Symbol.asyncIterator in body);
}
