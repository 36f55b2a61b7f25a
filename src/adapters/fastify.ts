/**
 * Sessions for Fastify 5.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ActivateOptions } from '../http/activate-options.js';
import { activate, type CsrfBodyAccess, type SessionAccess } from '../http/activation.js';
import { deferHead, type HeadHooks } from '../http/node/deferred-head.js';
import { NodeExchange, NodeIncoming } from '../http/node/exchange.js';
import { joinedHeaders } from '../http/node/joined-headers.js';
import { type StreamOptions, streamRoute } from '../http/stream-route.js';
import type { Visit } from '../http/visit.js';
import { hasMethods } from '../lib/strict-options.js';
import type { StreamSource } from '../ports/stream.js';
import type { RegisteredSession } from '../session/registered-session.js';
import type { OpenedSession } from '../storage/session-source.js';
import type { AnyFastifyReply } from './fastify/any-reply.js';
import { checkBodies } from './fastify/check-bodies.js';
import { commitOnSend, type Pending } from './fastify/commit-on-send.js';
import { commitOnce } from './fastify/commit-once.js';
import { claimProperty } from './fastify/contexts.js';
import { asDecorator } from './fastify/decorated.js';
import { answerFailure } from './fastify/failed-commit.js';
import { ReplySink } from './fastify/reply-sink.js';

export type * from '../http/adapter-types.js';
export type { AnyFastifyReply } from './fastify/any-reply.js';

/** A request of Fastify over HTTP/1 or HTTP/2, whatever its route. */
export type AnyFastifyRequest = Pick<FastifyRequest, 'id' | 'method' | 'headers' | 'socket' | 'protocol'>;

/**
 * What `app.sessions` is: access to sessions beside the request's own property. `read` also takes requests of Node, such as upgrades.
 * `checkCsrf` is for bodies that handlers parse; the plugin checks those of Fastify's parsers itself.
 */
export interface FastifySessions<Kind = RegisteredSession, Found = Kind>
  extends SessionAccess<Kind, Found, AnyFastifyRequest, AnyFastifyRequest | IncomingMessage>,
    CsrfBodyAccess<AnyFastifyRequest> {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session, typed by `Register`. Assign one only with `create: 'never'`, to a request that has none. */
    session: RegisteredSession;
  }
  interface FastifyInstance {
    /** Access to sessions beside `request.session`. */
    sessions: FastifySessions;
  }
}

/**
 * The plugin. It acts on the context that it is registered in, and on the contexts within. It opens the session in `onRequest`,
 * and saves and sends it in `onSend`, on error responses too. A failure goes to the error handler. After `reply.hijack()`, or for
 * what is written to `reply.raw`, it saves and sends the session right before the response's head. With `csrf: 'token'`, it checks
 * the bodies that Fastify's parsers made, in `preValidation` and again in `preHandler`.
 *
 * Decorates the instance with `sessions`, or with `accountSessions` for `property: 'account'`.
 *
 * ```ts
 * app.register(activateSessions, { sessionStorage, cookie: true, header: true });
 * ```
 * @throws TypeError naming the option that is wrong, from `app.ready()` or `app.listen()`
 */
export const activateSessions: FastifyPluginAsync<ActivateOptions<OpenedSession, FastifyRequest>> = Object.assign(
  (instance: FastifyInstance, options: ActivateOptions<OpenedSession, FastifyRequest>): Promise<void> => {
    if (!hasMethods(instance, 'addHook', 'decorateRequest')) {
      throw new TypeError(
        'activateSessions: expected an instance of Fastify: register the function itself, as in app.register(activateSessions, { sessionStorage, cookie: true })',
      );
    }
    return install(instance, options);
  },
  {
    // Hooks and decorators are those of the context that registers this, instead of a new one within.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'sessions-jwt',
    [Symbol.for('plugin-meta')]: { name: 'sessions-jwt', fastify: '5.x' },
  },
);

async function install(
  instance: FastifyInstance,
  options: ActivateOptions<OpenedSession, FastifyRequest>,
): Promise<void> {
  const activation = activate<OpenedSession, FastifyRequest>(options, (name, cell) => {
    claimProperty(instance, name);
    return asDecorator(instance, name, cell);
  });
  const { property } = activation;
  const key: unique symbol = Symbol('commit');
  type Held = FastifyRequest & { [key]?: Pending };

  instance.decorate(property === 'session' ? 'sessions' : `${property}Sessions`, {
    of: activation.of,
    csrfToken: activation.csrfToken,
    checkCsrf: activation.checkCsrf,
    read: (request: AnyFastifyRequest | IncomingMessage) => activation.read(new NodeIncoming(request)),
  });

  instance.addHook('onRequest', (request: Held, reply, done) => {
    if (!activation.needsOpening(request)) return done();
    const proceed = (visit: Visit<OpenedSession>): void => {
      const commit = commitOnce((exchange) => activation.commit(exchange, visit));
      const hooks: HeadHooks = {
        commit: () => commit(new NodeExchange(request, reply.raw)),
        fail: (error) => answerFailure(reply, error),
      };
      if (deferHead(reply.raw, hooks)) request[key] = { commit, hooks };
      else activation.forgo(visit);
    };
    const visit = activation.open(request, new NodeExchange(request, reply.raw));
    if (visit instanceof Promise) return visit.then(proceed);
    proceed(visit);
    return done();
  });

  if (activation.hasTokens) checkBodies(instance, activation);

  instance.addHook('onSend', (request: Held, reply, _payload, done) => {
    const pending = request[key];
    const committed = pending && commitOnSend(pending, request, reply);
    return committed instanceof Promise ? committed : done();
  });
}

/**
 * Creates a route handler that answers requests with the source's stream. `GET` and `POST` reach the source, `HEAD` gets the head of an
 * event stream, and other methods 405. `OPTIONS` is answered as a route that does not exist. Once the `onSend` hooks have run, the reply is
 * hijacked.
 *
 * ```ts
 * app.all('/live', stream(live));
 * ```
 * @throws TypeError naming the option that is wrong
 */
export function stream<Session = RegisteredSession>(
  source: StreamSource<Session>,
  options?: StreamOptions,
): (request: AnyFastifyRequest & Pick<FastifyRequest, 'originalUrl'>, reply: AnyFastifyReply) => Promise<void> {
  const route = streamRoute(source, options);
  return (request, reply) => {
    const { method, headers, originalUrl: url } = request;
    return new Promise((resolve, failed) => {
      if (method === 'OPTIONS') {
        reply.callNotFound();
        return;
      }
      const sink = new ReplySink(request, reply, { begun: resolve, failed });
      route.answer({ method, headers: joinedHeaders(headers), url }, request, sink);
    });
  };
}
