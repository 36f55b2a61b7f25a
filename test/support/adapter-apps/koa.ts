import Koa, { type Context, type Next } from 'koa';
import { activateSessions } from '../../../src/adapters/koa.js';
import type { AdapterActivation, AdapterApp, AdapterReply } from '../../../src/testing/index.js';
import { foundBy } from './found-by.js';
import { answerTo, type Built } from './ways.js';

function send(context: Context, reply: AdapterReply): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) context.set(name, [value].flat());
  if ('json' in reply) context.body = reply.json;
  else if ('text' in reply) context.body = reply.text;
  else if ('redirect' in reply) context.redirect(reply.redirect);
  else if ('stream' in reply) context.body = reply.stream;
  else context.body = null;
  // A body sets the status 200 unless one was set before.
  if (reply.status !== undefined) context.status = reply.status;
}

/** The application in Koa. */
export function koaApp({ activations, routes, trustProxy }: AdapterApp): Built {
  const errors: unknown[] = [];
  const app = new Koa({ proxy: trustProxy });
  // Koa's own handler removes all headers and answers with a text.
  app.context.onerror = function (this: Context, error: unknown): void {
    if ((error ?? undefined) === undefined) return;
    errors.push(error);
    if (this.headerSent) {
      this.res.destroy();
      return;
    }
    const { status, code } = answerTo(error);
    this.status = status;
    this.type = 'json';
    this.res.end(JSON.stringify({ code }));
  };
  const install = ({ only, passive, options, mount }: AdapterActivation) => {
    const sessions = activateSessions({
      ...options,
      only: (context: Context) => only(context.path),
      passive: (context: Context) => passive(context.path),
    });
    const isBelow = (context: Context) => mount === undefined || context.path.startsWith(`${mount}/`);
    app.use((context: Context, next: Next) => (isBelow(context) ? sessions(context, next) : next()));
    return { property: options.property, of: sessions.of };
  };
  const found = foundBy(activations.map(install));
  app.use(async (context) => {
    const reply = await routes[context.path]?.({
      query: (name) => String(context.query[name]),
      session: (property = 'session') => found(context, property, Reflect.get(context, property)),
    });
    if (reply !== undefined) send(context, reply);
  });
  return { listener: app.callback(), errors };
}
