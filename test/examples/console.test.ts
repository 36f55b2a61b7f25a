import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import sinon from 'sinon';
import { ConsoleBench, type Kind, MINUTE } from './console-bench.js';
import { type Carrier, ConsoleClient } from './console-client.js';

/** What a client holds. */
const SID = { server: /^[\w-]{24}$/, tokens: /^[\w-]+\.[\w-]+\.[\w-]+$/ };

const CONSOLE = fileURLToPath(new URL('../../examples/console/', import.meta.url));

for (const kind of ['server', 'tokens'] as const) {
  describe(`examples/console, with ${kind === 'tokens' ? 'tokens' : 'server-side sessions'}`, () => {
    let bench: ConsoleBench;

    beforeEach(async () => {
      bench = new ConsoleBench(kind);
      await bench.start();
    });

    afterEach(() => bench.stop());

    for (const carrier of ['cookie', 'header'] as const)
      describe(`by ${carrier}`, () => walk(kind, carrier, () => bench));

    describe('the cookie', () => {
      it('is HttpOnly, SameSite=Lax, and forgotten with the browser unless it is to be remembered', async () => {
        const client = new ConsoleClient(bench.base, 'cookie');
        const { headers } = await client.send('POST', '/api/sign-in', { name: 'Ada' });
        const [cookie, token, ...others] = headers.getSetCookie();
        expect(others).to.deep.equal([]);
        expect(cookie).to.match(/^sid=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/);
        expect(token, 'for the script').to.match(/^csrf=[\w.-]+; Path=\/; SameSite=Lax$/);
        expect(headers.has('X-Session-Id')).to.equal(false);
        const remembered = await client.send('POST', '/api/sign-in', { name: 'Ada', remember: true });
        expect(remembered.headers.getSetCookie()[0]).to.contain('; Max-Age=1800;');
        const again = await client.send('POST', '/api/sign-in', { name: 'Ada' });
        expect(again.headers.getSetCookie()[0], 'as it was').to.contain('; Max-Age=1800;');
        const other = await client.send('POST', '/api/sign-in', { name: 'Bob' });
        expect(other.headers.getSetCookie()[0]).not.to.contain('Max-Age');
      });

      it('is cleared by signing out, with that of the token', async () => {
        const client = new ConsoleClient(bench.base, 'cookie');
        await client.signIn('Ada');
        await client.send('POST', '/api/sign-out');
        expect(client.jar.getCookiesSync(bench.base)).to.deep.equal([]);
      });
    });

    describe('the header', () => {
      it('comes back in place of a cookie, empty at first', async () => {
        const client = new ConsoleClient(bench.base, 'header');
        const { headers } = await client.send('POST', '/api/sign-in', { name: 'Ada' });
        expect(headers.get('X-Session-Id')).to.match(SID[kind]);
        expect(headers.getSetCookie()).to.deep.equal([]);
      });
    });

    describe('what is refused', () => {
      const nested = `{"deep":${'['.repeat(7_000)}${']'.repeat(7_000)}}`;
      const cases: readonly [what: string, method: string, path: string, body: unknown, status: number, say: RegExp][] =
        [
          ['no name', 'POST', '/api/sign-in', {}, 400, /^name: /],
          ['a blank name', 'POST', '/api/sign-in', { name: '  ' }, 400, /^name: /],
          ['a long name', 'POST', '/api/sign-in', { name: 'a'.repeat(65) }, 400, /^name: /],
          ['a name of control characters', 'POST', '/api/sign-in', { name: 'a\0b' }, 400, /^name: must be plain text/],
          ['a name that is no Unicode', 'POST', '/api/sign-in', '{"name":"\\ud800"}', 400, /^name: must be plain text/],
          ['a field nobody asked for', 'POST', '/api/sign-in', { name: 'Ada', admin: true }, 400, /admin/],
          ['no body', 'POST', '/api/sign-in', undefined, 400, /^name: /],
          ['half a body', 'POST', '/api/sign-in', '{"name":', 400, /JSON/],
          ['data that are a list', 'PUT', '/api/data', [1], 400, /^the body: /],
          ['data the schema refuses', 'PUT', '/api/data', { language: 'xx' }, 400, /^sessionData\.language: /],
          ['data of a wrong type', 'PUT', '/api/data', { cart: ['tea', 7] }, 400, /^sessionData\.cart\[1\]: /],
          ['data nested too deep', 'PUT', '/api/data', nested, 400, /nested deeper than 1000 levels/],
          ['a key that is no UTF-8', 'DELETE', '/api/data/%ff', undefined, 400, /%ff/],
          ['a body too large', 'PUT', '/api/data', { text: 'x'.repeat(20_000) }, 413, /too large/],
          ['a path that is not there', 'POST', '/api/nothing', {}, 404, /not found: POST \/api\/nothing/],
          ['a method that is not there', 'GET', '/api/sign-out', undefined, 404, /not found: GET/],
        ];

      for (const [what, method, path, body, status, say] of cases) {
        it(`${what}: ${status}`, async () => {
          const client = new ConsoleClient(bench.base, 'cookie');
          const before = await client.signIn('Ada');
          const reply = await client.send(method, path, body);
          expect(reply.status).to.equal(status);
          expect(reply.headers.get('Content-Type')).to.equal('application/json; charset=utf-8');
          expect(reply.headers.get('Cache-Control')).to.contain('no-store');
          const { error, ...rest } = JSON.parse(reply.text);
          expect(error).to.match(say);
          expect(Object.keys(rest)).to.deep.equal(Object.keys(rest).includes('code') ? ['code'] : []);
          expect(reply.text).not.to.match(/node_modules|\.[jt]s:\d/);
          expect(await client.session(), 'the session is as it was').to.deep.equal(before);
        });
      }

      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-seq', '']) {
        it(`a change sent as ${type || 'nothing'}, as a form on another site could: 415`, async () => {
          const client = new ConsoleClient(bench.base, 'cookie');
          await client.signIn('Ada');
          for (const path of ['sign-in', 'rotate', 'sign-out', 'sign-out-others', 'sign-out-everywhere']) {
            const reply = await client.send('POST', `/api/${path}`, '{"name":"Eve"}', { 'Content-Type': type });
            expect(reply.status, path).to.equal(415);
          }
          const { status } = await client.send('PUT', '/api/data', '{"cart":[]}', { 'Content-Type': type });
          expect(status).to.equal(415);
          expect((await client.session())?.uid).to.equal('ada');
        });
      }

      it('what takes a session or a user, when there is none: 401', async () => {
        const client = new ConsoleClient(bench.base, 'cookie');
        const needy = ['POST /api/rotate', 'POST /api/sign-out-others', 'POST /api/sign-out-everywhere'];
        needy.push('DELETE /api/data/cart', 'GET /api/overview', 'POST /api/messages');
        needy.push(...(kind === 'tokens' ? ['GET /api/token'] : ['GET /api/sessions', 'DELETE /api/sessions/x']));
        for (const line of needy) {
          const [method = '', path = ''] = line.split(' ');
          expect((await client.send(method, path)).status, line).to.equal(401);
        }
      });

      it('keeps what went wrong inside to the log: 500', async () => {
        const log = sinon.stub(console, 'error');
        const inside = new Error('something private');
        sinon.stub(bench.sessionStorage, 'revoke').rejects(inside);
        try {
          const client = new ConsoleClient(bench.base, 'cookie');
          await client.signIn('Ada');
          const { status, text: answer } = await client.send('POST', '/api/sign-out-everywhere');
          expect([status, answer]).to.deep.equal([500, '{"error":"internal error"}']);
          expect(log.args).to.deep.equal([[inside]]);
        } finally {
          sinon.restore();
        }
      });

      it('takes __proto__ for no more than a name', async () => {
        const client = new ConsoleClient(bench.base, 'cookie');
        await client.signIn('Ada');
        await client.send('PUT', '/api/data', '{"__proto__":{"polluted":true},"constructor":{"polluted":true}}');
        await client.send('DELETE', '/api/data/__proto__');
        expect(Object.hasOwn(Object.prototype, 'polluted')).to.equal(false);
        expect((await client.session())?.sessionData).not.to.have.property('polluted');
      });
    });

    describe('the page', () => {
      it('comes with a policy that keeps foreign code out, and asks for nothing from elsewhere', async () => {
        const client = new ConsoleClient(bench.base, 'cookie');
        const files = readdirSync(join(CONSOLE, 'public')).map((name) => `/${name}`);
        for (const path of ['/', ...files, '/client/index.js']) {
          const { status, headers, text: body } = await client.send('GET', path);
          expect(status, path).to.equal(200);
          const policy = headers.get('Content-Security-Policy');
          expect(policy).to.contain("default-src 'self'").and.contain("require-trusted-types-for 'script'");
          expect(policy).not.to.contain('unsafe');
          expect(headers.get('X-Content-Type-Options')).to.equal('nosniff');
          expect(headers.has('X-Powered-By')).to.equal(false);
          expect(
            body.replaceAll('http://www.w3.org/2000/svg', '').replace(/^\/\/# sourceMappingURL=.*$/m, ''),
          ).not.to.match(/https?:|\bstyle=|\bon[a-z]+=/);
        }
      });

      it('is told where the sessions are', async () => {
        const { text } = await new ConsoleClient(bench.base, 'cookie').send('GET', '/api/about');
        const keptIn = kind === 'tokens' ? 'signed tokens' : 'memory';
        expect(JSON.parse(text)).to.deep.equal({ sessions: kind, keptIn });
      });

      it('has every element that its script reaches for', () => {
        const page = readFileSync(join(CONSOLE, 'public/index.html'), 'utf8');
        const scripts = readdirSync(join(CONSOLE, 'public'))
          .filter((name) => name.endsWith('.js'))
          .map((name) => readFileSync(join(CONSOLE, 'public', name), 'utf8'));
        const ids = scripts.flatMap((script) =>
          [...script.matchAll(/\b(?:at|copyOf)\('([\w-]+)'\)/g)].map(([, id]) => id),
        );
        const places = scripts.flatMap((script) => [...script.matchAll(/\b(?:run|say|fail)\('([\w-]+)'/g)]);
        ids.push(...places.map(([, place]) => `${place}-message`));
        expect(ids.length).to.be.greaterThan(20);
        for (const id of ids) expect(page).to.contain(` id="${id}"`);
      });
    });
  });
}

/** Every step of the demonstration. */
function walk(kind: Kind, carrier: Carrier, benchOf: () => ConsoleBench): void {
  let bench: ConsoleBench;
  let client: ConsoleClient;

  beforeEach(() => {
    bench = benchOf();
    client = new ConsoleClient(bench.base, carrier);
  });

  it('has no session at first, and asking makes none', async () => {
    expect(await client.session()).to.equal(null);
    expect(client.sid).to.equal('');
  });

  it('signs in anybody, and shows the session', async () => {
    const session = await client.signIn('  Ada Lovelace ');
    expect(session).to.deep.include({ uid: 'ada lovelace', userData: { name: 'Ada Lovelace' } });
    expect(session).to.deep.include({ sessionData: { language: 'en' }, info: { client: 'unknown' } });
    expect(session.lineage).to.equal(session.id);
    for (const time of ['created', 'lastAccess', 'lastUpdate', 'authenticatedAt'] as const) {
      expect(session[time], time).to.equal(bench.now);
    }
    expect([session.expires, session.timeLeft]).to.deep.equal([bench.now + 30 * MINUTE, 30 * MINUTE]);
  });

  it('counts down without requests, starts over with one, and is over when the time has passed', async () => {
    await client.signIn('Ada');
    bench.now += 29 * MINUTE;
    expect((await client.session())?.timeLeft).to.equal(30 * MINUTE);
    bench.now += 30 * MINUTE - 1;
    expect((await client.session())?.timeLeft).to.equal(30 * MINUTE);
    bench.now += 30 * MINUTE;
    expect(await client.session()).to.equal(null);
  });

  it('ends after twelve hours whatever happens', async () => {
    await client.signIn('Ada');
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      bench.now += 20 * MINUTE;
      await client.session();
    }
    expect((await client.session())?.timeLeft).to.equal(20 * MINUTE);
    bench.now += 20 * MINUTE;
    expect(await client.session()).to.equal(null);
  });

  it('changes session data, and takes keys out', async () => {
    await client.signIn('Ada');
    await client.done('PUT', '/api/data', { cart: ['tea'], 'any key/at all': { n: [1, null] } });
    bench.now += 5;
    const session = await client.done('PUT', '/api/data', { language: 'de' });
    expect(session.sessionData).to.deep.equal({ cart: ['tea'], 'any key/at all': { n: [1, null] }, language: 'de' });
    expect(session.lastUpdate).to.equal(bench.now);
    await client.done('DELETE', `/api/data/${encodeURIComponent('any key/at all')}`);
    const { sessionData } = await client.done('DELETE', '/api/data/language');
    expect(sessionData).to.deep.equal({ cart: ['tea'], language: 'en' });
  });

  it('keeps what a visitor put in when they sign in, under another id', async () => {
    const visitor = await client.done('PUT', '/api/data', { cart: ['tea'] });
    expect(visitor).to.include({ uid: null, authenticatedAt: null });
    const user = await client.signIn('Ada');
    expect(user.sessionData).to.deep.equal(visitor.sessionData);
    expect(user.id).not.to.equal(visitor.id);
    expect(user.lineage).not.to.equal(visitor.lineage);
  });

  it('re-authenticates: another id, the same lineage and data', async () => {
    await client.signIn('Ada');
    const before = await client.done('PUT', '/api/data', { cart: ['tea'] });
    bench.now += 1_000;
    const after = await client.signIn('ADA');
    expect(after.id).not.to.equal(before.id);
    expect(after).to.deep.include({ lineage: before.lineage, uid: 'ada', sessionData: before.sessionData });
    expect(after).to.include({ created: before.created, authenticatedAt: bench.now });
  });

  it('hands no data of one user to the next, but the language', async () => {
    const ada = await client.signIn('Ada');
    await client.done('PUT', '/api/data', { cart: ['tea'], language: 'fr' });
    const bob = await client.signIn('Bob');
    expect(bob.lineage).not.to.equal(ada.lineage);
    expect(bob).to.deep.include({ uid: 'bob', userData: { name: 'Bob' }, sessionData: { language: 'fr' } });
  });

  it('rotates: another id and sid, and the old one dies after ten seconds', async () => {
    const before = await client.signIn('Ada');
    const old = new ConsoleClient(bench.base, carrier);
    old.sid = client.sid;
    const after = await client.done('POST', '/api/rotate');
    expect(after.id).not.to.equal(before.id);
    expect(after.lineage).to.equal(before.lineage);
    expect(client.sid).to.match(SID[kind]).and.not.equal(old.sid);
    expect((await old.session())?.uid).to.equal('ada');
    bench.now += 10_000;
    expect(await old.session()).to.equal(null);
    expect((await client.session())?.uid).to.equal('ada');
  });

  it('signs out, and a copy of what it held opens nothing any more', async () => {
    await client.signIn('Ada');
    const thief = new ConsoleClient(bench.base, carrier);
    thief.sid = client.sid;
    expect((await thief.session())?.uid).to.equal('ada');
    expect((await client.send('POST', '/api/sign-out')).status).to.equal(204);
    expect(client.sid).to.equal('');
    expect(await client.session()).to.equal(null);
    expect(await thief.session()).to.equal(null);
  });

  it('signs out all other devices of the user, and nobody else', async () => {
    const [phone, other] = [new ConsoleClient(bench.base, 'cookie'), new ConsoleClient(bench.base, 'header')];
    for (const one of [client, phone]) await one.signIn('Ada');
    await other.signIn('Bob');
    const { status, text } = await client.send('POST', '/api/sign-out-others');
    // Nobody counts tokens.
    expect([status, JSON.parse(text)]).to.deep.equal([200, { ended: kind === 'tokens' ? null : 1 }]);
    expect(await phone.session()).to.equal(null);
    expect([(await client.session())?.uid, (await other.session())?.uid]).to.deep.equal(['ada', 'bob']);
  });

  it('signs out everywhere: every session of the user, nobody else', async () => {
    const [phone, other] = [new ConsoleClient(bench.base, 'cookie'), new ConsoleClient(bench.base, 'header')];
    await client.signIn('Ada');
    await phone.signIn('Ada');
    await other.signIn('Bob');
    expect((await client.send('POST', '/api/sign-out-everywhere')).status).to.equal(204);
    expect(client.sid).to.equal('');
    expect([await client.session(), await phone.session()]).to.deep.equal([null, null]);
    expect((await other.session())?.uid).to.equal('bob');
    expect((await client.signIn('Ada')).uid).to.equal('ada');
  });

  it('signs out twice without complaint', async () => {
    expect((await client.send('POST', '/api/sign-out')).status).to.equal(204);
    expect((await client.send('POST', '/api/sign-out')).status).to.equal(204);
  });
}
