import Koa, { type Context } from 'koa';
import { activateSessions } from '../../src/adapters/koa.js';
import { SessionError } from '../../src/index.js';
import type { TestAnswer, TestApp } from './adapter-cases.js';
import { serve } from './deferred-head.js';

function send(context: Context, answer: TestAnswer): void {
  if (answer.status !== undefined) context.status = answer.status;
  if (answer.headers !== undefined) {
    for (const [name, value] of Object.entries(answer.headers))
      context.set(name, Array.isArray(value) ? value : [value]);
  }
  if ('json' in answer) context.body = answer.json;
  else if ('text' in answer) context.body = answer.text;
  else if ('redirect' in answer) context.redirect(answer.redirect);
  else context.body = answer.stream;
  // A body sets the status 200 unless one was set before.
  if (answer.status !== undefined) context.status = answer.status;
}

/** Koa for the cases of every adapter. */
export const koaApp: TestApp = {
  name: 'Koa 3',
  async serve({ source, routes, passive, only, trustProxy = false, property = 'session', ...transports }) {
    const errors: unknown[] = [];
    const app = new Koa({ proxy: trustProxy });
    // Koa's own handler removes all headers and answers with a text.
    app.context.onerror = function (this: Context, error: unknown): void {
      if ((error ?? undefined) === undefined) return;
      errors.push(error);
      if (this.headerSent) return;
      const { status, code } = error instanceof SessionError ? error : { status: 500, code: 'other' };
      this.status = status;
      this.type = 'json';
      this.res.end(JSON.stringify({ code }));
    };
    const sessions = activateSessions({
      sessionStorage: source,
      property,
      ...transports,
      ...(passive && { passive: (context: Context) => passive(context.path) }),
      ...(only && { only: (context: Context) => only(context.path) }),
    });
    app.use(sessions);
    app.use(async (context) => {
      const answer = await routes[context.path]?.({
        query: (name) => String(context.query[name]),
        header: (name) => context.request.headers[name]?.toString(),
        session: () => {
          const found: unknown = Reflect.get(context, property);
          if (found === undefined) return undefined;
          const session = sessions.of(context);
          if (session !== found) throw new Error('the session of the property is another one');
          return session;
        },
        closed: new Promise((resolve) => context.res.once('close', resolve)),
      });
      if (answer !== undefined) send(context, answer);
    });
    return { port: await serve(app.callback()), errors };
  },
};
