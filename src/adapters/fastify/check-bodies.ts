import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Activation } from '../../http/activation.js';
import type { OpenedSession } from '../../storage/session-source.js';

type Checking = Pick<Activation<OpenedSession, FastifyRequest>, 'lacksToken' | 'needsBody' | 'checkCsrf'>;

/** Checks the CSRF tokens in bodies that the parsers of Fastify made. */
export function checkBodies(instance: FastifyInstance, activation: Checking): void {
  const check =
    (isJudged: (request: FastifyRequest) => boolean) =>
    (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
      if (activation.lacksToken(request) && isJudged(request)) activation.checkCsrf(request, request.body);
      done();
    };
  // Before schemas remove the field.
  instance.addHook('preValidation', check(hasFields));
  // Other plugins set the body in `preValidation`, such as @fastify/multipart with `attachFieldsToBody`.
  instance.addHook(
    'preHandler',
    check((request) => !(activation.needsBody(request) && isLeftToHandler(request))),
  );
}

function hasFields({ body }: FastifyRequest): boolean {
  return typeof body === 'object' && body !== null && !isRaw(body);
}

/** Whether the handler parses the body: text, bytes, a stream, or a form with files. */
function isLeftToHandler({ body, headers }: FastifyRequest): boolean {
  if (typeof body === 'object' && body !== null) return isRaw(body);
  if (body === undefined || body === null) return headers['content-type']?.startsWith('multipart/') === true;
  return typeof body === 'string' && !/[/+]json/.test(headers['content-type'] ?? '');
}

function isRaw(body: object): boolean {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) || Symbol.asyncIterator in body;
}
