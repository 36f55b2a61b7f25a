import Fastify from 'fastify';
import { activateSessions, type FastifySessions } from '../../src/adapters/fastify.js';
import { csrfTokenCases, refusalOf } from '../support/csrf-token-cases.js';
import { pathOf, serveFastify } from '../support/fastify-app.js';
import type { ShopSession } from '../support/shop.js';

csrfTokenCases({
  name: 'Fastify 5',
  isAutomatic: true,
  unparsable: 400,
  async serve({ source, routes, only, exempt, options }) {
    const app = Fastify();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(body.toString())),
    );
    app.register(activateSessions, {
      sessionStorage: source,
      cookie: true,
      only: (request) => only(pathOf(request)),
      csrf: { ...options, token: true, exempt: (request) => exempt(pathOf(request)) },
    });
    const sessions = () => app.getDecorator<FastifySessions<ShopSession>>('sessions');
    app.setErrorHandler((error, request, reply) => {
      const { status, json } = refusalOf(error, () => sessions().csrfToken(request));
      reply.code(status).send(json);
    });
    app.all('/*', async (request) => {
      const { body } = request;
      return await routes[pathOf(request)]?.({
        session: () => sessions().of(request),
        csrfToken: () => sessions().csrfToken(request),
        user: () => (body instanceof URLSearchParams ? body.get('user') : Reflect.get(Object(body), 'user')),
      });
    });
    return await serveFastify(app);
  },
});
