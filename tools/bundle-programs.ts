/** A program that tools/check-bundles.ts bundles and runs. It prints `u1`. */
export interface BundleProgram {
  readonly entry: string;
  readonly text: string;
}

/** Makes a session in a store, and opens it. */
const inStore = (open: string, close: string): string => `
async function main() {
  ${open}
  const storage = new ServerSessionStorage({ store });
  const session = await storage.create();
  await session.setUser('u1').save();
  console.log((await storage.get(session.forClient())).uid);
  await storage.close();
  ${close}
}
main();
`;

/** Starts an app of Express or Koa. */
const LISTEN = "await new Promise((resolve) => { const one = app.listen(0, '127.0.0.1', () => resolve(one)); })";

/** Signs in, and asks who is signed in. `handler` takes a Request and gives a Response; `origin` is what it answers to. */
const signInAndAsk = (handler: string, origin: string): string => `
  const handle = ${handler};
  const signedIn = await handle(new Request(${origin} + '/sign-in', { method: 'POST' }));
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  console.log(await (await handle(new Request(${origin} + '/me', { headers: { cookie } }))).text());
`;

/** The same over HTTP. `setUp` makes `app`; `start` gives the server, which listens on 127.0.0.1. */
const overHttp = (setUp: string, start: string): string => `
async function main() {
  ${setUp}
  const server = ${start};
  ${signInAndAsk('fetch', "('http://127.0.0.1:' + server.address().port)")}
  server.closeAllConnections();
  server.close();
}
main();
`;

/** The same without a server. */
const inProcess = (handler: string): string => `
async function main() {
  ${signInAndAsk(handler, "'http://localhost'")}
}
main();
`;

/** One for each entry of the package. None uses top-level await, which CommonJS does not have. */
export const programs: readonly BundleProgram[] = [
  {
    entry: 'sessions-jwt',
    text: `
import { MemoryStore, RevocationList, ServerSessionStorage, SessionRegistry, SessionStorage } from 'sessions-jwt';
const tokens = new SessionStorage({ jwtSecret: 's'.repeat(64) });
const sid = tokens.create().setUser('u1').save().forClient();
if (tokens.get(sid).uid !== 'u1') throw new Error('the token does not open');
${inStore(
  `
  const revocations = new RevocationList();
  const registry = new SessionRegistry(new MemoryStore());
  const listed = new SessionStorage({ jwtSecret: 's'.repeat(64), revocations, registry });
  await listed.commit(listed.create().setUser('u1'));
  if ((await listed.listOfUser('u1')).length !== 1) throw new Error('the session is not listed');
  await listed.close();
  const store = new MemoryStore();`,
  '',
)}`,
  },
  {
    entry: 'sessions-jwt/express',
    text: `
import express from 'express';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/express';
${overHttp(
  `
  const app = express();
  app.use(activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true }));
  app.post('/sign-in', (req, res) => { req.session.setUser('u1'); res.end(); });
  app.get('/me', (req, res) => { res.end(req.session.uid); });`,
  LISTEN,
)}`,
  },
  {
    entry: 'sessions-jwt/fastify',
    text: `
import Fastify from 'fastify';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fastify';
${overHttp(
  `
  const app = Fastify();
  app.register(activateSessions, { sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
  app.post('/sign-in', async (request) => { request.session.setUser('u1'); return ''; });
  app.get('/me', async (request) => request.session.uid);`,
  "await app.listen({ port: 0, host: '127.0.0.1' }).then(() => app.server)",
)}`,
  },
  {
    entry: 'sessions-jwt/koa',
    text: `
import Koa from 'koa';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/koa';
${overHttp(
  `
  const app = new Koa();
  app.use(activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true }));
  app.use((ctx) => {
    if (ctx.path === '/sign-in') ctx.session.setUser('u1');
    ctx.body = ctx.session.uid;
  });`,
  LISTEN,
)}`,
  },
  {
    entry: 'sessions-jwt/hono',
    text: `
import { Hono } from 'hono';
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/hono';
const app = new Hono();
app.use(activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true }));
app.post('/sign-in', (c) => { c.var.session.setUser('u1'); return c.text(''); });
app.get('/me', (c) => c.text(c.var.session.uid));
${inProcess('(request) => app.request(request)')}`,
  },
  {
    entry: 'sessions-jwt/fetch',
    text: `
import { SessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/fetch';
const sessions = activateSessions({ sessionStorage: new SessionStorage({ jwtSecret: 's'.repeat(64) }), cookie: true });
const handler = sessions((request, { session }) => {
  if (request.method === 'POST') session.setUser('u1');
  return new Response(session.uid);
});
${inProcess('handler')}`,
  },
  {
    entry: 'sessions-jwt/foxx',
    text: `
import express from 'express';
import { Service } from 'sessions-jwt/foxx';
${overHttp(
  `
  const configuration = { jwtSecret: 's'.repeat(64) };
  const sessions = await Service.load('node_modules/sessions-jwt/manifest.json', { configuration });
  const guestbook = await Service.load('guestbook/manifest.json', { dependencies: { sessions } });
  const app = express();
  app.use(guestbook.router);`,
  LISTEN,
)}`,
  },
  {
    entry: 'sessions-jwt/sqlite',
    text: `
import { ServerSessionStorage } from 'sessions-jwt';
import { SqliteStore } from 'sessions-jwt/sqlite';
${inStore(
  `
  const Database = process.getBuiltinModule('node:sqlite')?.DatabaseSync ?? (await import('libsql')).default;
  const database = new Database(':memory:');
  const store = new SqliteStore({ database });
  await store.migrate();`,
  'database.close();',
)}`,
  },
  {
    entry: 'sessions-jwt/redis',
    text: `
import { createClient } from 'redis';
import { ServerSessionStorage } from 'sessions-jwt';
import { RedisStore } from 'sessions-jwt/redis';
${inStore(
  `
  const client = createClient({ url: process.env['REDIS_URL'] });
  await client.connect();
  const store = new RedisStore({ client });`,
  'client.destroy();',
)}`,
  },
  {
    entry: 'sessions-jwt/postgres',
    text: `
import pg from 'pg';
import { ServerSessionStorage } from 'sessions-jwt';
import { PostgresStore } from 'sessions-jwt/postgres';
${inStore(
  `
  const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
  const store = new PostgresStore({ pool });
  await store.migrate();`,
  'await pool.end();',
)}`,
  },
  {
    entry: 'sessions-jwt/identity',
    text: `
import { generateKeyPairSync, sign } from 'node:crypto';
import { IdentityVerifier, publicKeys } from 'sessions-jwt/identity';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { keys } = publicKeys({ jwtSecret: privateKey, jwtAlgorithm: 'ES256' });
const iat = Math.floor(Date.now() / 1000);
const parts = [{ alg: 'ES256', typ: 'identity+jwt', kid: keys[0].kid }, { sub: 'u1', sid: 'l1', iat, exp: iat + 300 }];
const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const verifier = new IdentityVerifier({ jwtSecret: keys, jwtAlgorithm: 'ES256' });
console.log(verifier.verify(input + '.' + signature).uid);
`,
  },
  {
    entry: 'sessions-jwt/live',
    text: `
import { SessionStorage } from 'sessions-jwt';
import { activateSessions, stream } from 'sessions-jwt/fetch';
import { LiveSessions, message } from 'sessions-jwt/live';
async function main() {
  const sessionStorage = new SessionStorage({ jwtSecret: 's'.repeat(64) });
  const live = new LiveSessions({ sessionStorage });
  const handle = activateSessions({ sessionStorage, cookie: true })(stream(live));
  const session = sessionStorage.create().setUser('u1').save();
  const response = await handle(new Request('http://localhost/live', { headers: { cookie: 'sid=' + session.forClient() } }));
  await live.send(session, message('user', session.uid));
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('event: message')) break;
  }
  await live.close();
  console.log(JSON.parse(text.match(/\\{"name".*/)[0]).data);
}
main();
`,
  },
  {
    entry: 'sessions-jwt/weave',
    text: `
import { activateSessions } from 'sessions-jwt/fetch';
import { weaveSessions } from 'sessions-jwt/weave';
async function main() {
  const weave = weaveSessions({ csrfSecret: 'c'.repeat(32), jwtSecret: 's'.repeat(64) });
  const handle = activateSessions(weave.options)((request, { session }) => {
    const tab = weave.of({ session, headers: request.headers });
    if (request.method === 'POST') tab.signIn({ name: 'u1' });
    return new Response(tab.identity?.name);
  });
  const visit = await handle(new Request('http://localhost/'));
  const cookies = visit.headers.getSetCookie().map((line) => line.split(';')[0]);
  const token = cookies.find((one) => one.startsWith('weave-csrf=')).slice('weave-csrf='.length);
  const headers = { cookie: cookies.join('; '), 'x-csrf-token': token };
  console.log(await (await handle(new Request('http://localhost/', { method: 'POST', headers }))).text());
  await weave.live.close();
}
main();
`,
  },
  {
    entry: 'sessions-jwt/client',
    text: `
import { connectSession } from 'sessions-jwt/client';
globalThis.document = Object.assign(new EventTarget(), { baseURI: 'http://localhost/', visibilityState: 'visible', cookie: '' });
globalThis.addEventListener = () => {};
const body = 'event: message\\ndata: {"name":"user","data":"u1"}\\n\\n';
const fetch = async () => new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
const live = connectSession({ url: '/live', fetch });
live.on('user', (uid) => {
  console.log(uid);
  live.close();
});
`,
  },
  {
    entry: 'sessions-jwt/testing',
    text: `
import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { FakeClock, FaultyStore, signInAs } from 'sessions-jwt/testing';
async function main() {
  const storage = new ServerSessionStorage({ store: new FaultyStore(new MemoryStore()), clock: new FakeClock() });
  const { sid } = await signInAs(storage, 'u1');
  console.log((await storage.get(sid)).uid);
  await storage.close();
}
main();
`,
  },
];

/** The Foxx service of the program for sessions-jwt/foxx. A service is found by its manifest at run time, so it is never in a bundle. */
export const guestbook: Readonly<Record<string, string>> = {
  'guestbook/manifest.json': `{
  "name": "guestbook", "version": "1.0.0",
  "dependencies": { "sessions": "sessions-jwt:^1.0.0" },
  "controllers": { "/": "./account.js" }
}`,
  'guestbook/account.js': `
import { Controller } from 'sessions-jwt/foxx';
export default (applicationContext) => {
  const controller = new Controller(applicationContext);
  controller.activateSessions({ sessionStorage: applicationContext.dependencies.sessions.sessionStorage, cookie: true });
  controller.post('/sign-in', (req, res) => { req.session.setUser('u1'); res.end(); });
  controller.get('/me', (req, res) => { res.end(req.session.uid); });
};
`,
};
