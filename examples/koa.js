import Koa from 'koa';
import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/koa';

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const app = new Koa();
app.use(sessions);
// Or use a package, such as @koa/bodyparser.
app.use(async (ctx, next) => {
  let text = '';
  for await (const chunk of ctx.req.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) ctx.throw(413);
  }
  ctx.request.body = Object.fromEntries(new URLSearchParams(text));
  await next();
});
app.use(sessions.checkCsrf);
app.use((ctx) => {
  const { path, session } = ctx;
  if (ctx.method === 'POST') {
    if (path === '/sign-in') session.setUser(ctx.request.body.name || 'guest'); // after you have checked a password
    if (path === '/sign-out') session.revoke();
    return ctx.redirect('/');
  }
  const token = `<input type="hidden" name="_csrf" value="${sessions.csrfToken(ctx)}">`;
  ctx.body = `<form method="post" action="/sign-in">${token}<input name="name"> <button>Sign in</button></form>`;
  if (session.uid === undefined) return;
  session.sessionData.count = (session.sessionData.count ?? 0) + 1;
  ctx.body = `<p>${escaped(session.uid)}, visit ${session.sessionData.count}</p>
    <form method="post" action="/sign-out">${token}<button>Sign out</button></form>`;
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
