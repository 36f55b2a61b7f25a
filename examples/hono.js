import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/hono';

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });

const app = new Hono();
app.use(sessions, bodyLimit({ maxSize: 10_000 }), sessions.checkCsrf);

app.get('/', (c) => {
  const { session } = c.var;
  const token = html`<input type="hidden" name="_csrf" value="${sessions.csrfToken(c)}">`;
  if (session.uid === undefined) {
    return c.html(
      html`<form method="post" action="/sign-in">${token}<input name="name"> <button>Sign in</button></form>`,
    );
  }
  session.sessionData.count = (session.sessionData.count ?? 0) + 1;
  return c.html(html`<p>${session.uid}, visit ${session.sessionData.count}</p>
    <form method="post" action="/sign-out">${token}<button>Sign out</button></form>`);
});
app.post('/sign-in', async (c) => {
  const { name } = await c.req.parseBody();
  c.var.session.setUser(String(name || 'guest')); // after you have checked a password
  return c.redirect('/', 303);
});
app.post('/sign-out', (c) => {
  c.var.session.revoke();
  return c.redirect('/', 303);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
