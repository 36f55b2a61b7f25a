import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fetch';
import { serve } from 'srvx';

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const sessions = activateSessions({ sessionStorage, cookie: true, csrf: 'token' });
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function page(request, session) {
  const token = `<input type="hidden" name="_csrf" value="${sessions.csrfToken(request)}">`;
  if (session.uid === undefined) {
    return `<form method="post" action="/sign-in">${token}<input name="name"> <button>Sign in</button></form>`;
  }
  session.sessionData.count = (session.sessionData.count ?? 0) + 1;
  return `<p>${escaped(session.uid)}, visit ${session.sessionData.count}</p>
    <form method="post" action="/sign-out">${token}<button>Sign out</button></form>`;
}

const handler = sessions(async (request, context) => {
  const { pathname } = new URL(request.url);
  if (request.method !== 'POST') {
    return new Response(page(request, context.session), { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  }
  const fields = new URLSearchParams(await request.text());
  sessions.checkCsrf(request, fields);
  if (pathname === '/sign-in') context.session.setUser(fields.get('name') || 'guest'); // after you have checked a password
  if (pathname === '/sign-out') context.session.revoke();
  return Response.redirect(new URL('/', request.url), 303);
});

const options = { port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1', maxRequestBodySize: 10_000 };
const server = serve({ fetch: handler, silent: true, ...options });
await server.ready();
console.log(`listening on ${server.url}`);
