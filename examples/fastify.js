import Fastify from 'fastify';
import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fastify';

const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const app = Fastify();
app.register(activateSessions, { sessionStorage, cookie: true, csrf: 'token' });
// Or register @fastify/formbody.
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
  done(null, Object.fromEntries(new URLSearchParams(body)));
});

app.get('/', async (request, reply) => {
  const { session } = request;
  const token = `<input type="hidden" name="_csrf" value="${app.sessions.csrfToken(request)}">`;
  reply.type('text/html; charset=utf-8');
  if (session.uid === undefined) {
    return `<form method="post" action="/sign-in">${token}<input name="name"> <button>Sign in</button></form>`;
  }
  session.sessionData.count = (session.sessionData.count ?? 0) + 1;
  return `<p>${escaped(session.uid)}, visit ${session.sessionData.count}</p>
    <form method="post" action="/sign-out">${token}<button>Sign out</button></form>`;
});
app.post('/sign-in', async (request, reply) => {
  request.session.setUser(String(request.body?.name || 'guest')); // after you have checked a password
  return reply.redirect('/', 303);
});
app.post('/sign-out', async (request, reply) => {
  request.session.revoke();
  return reply.redirect('/', 303);
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })}`);
