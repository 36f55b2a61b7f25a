import { expect } from 'chai';
import { ConsoleBench } from './console-bench.js';
import { ConsoleClient, type Reply } from './console-client.js';

const CHANGES = [
  'POST /api/sign-in',
  'PUT /api/data',
  'DELETE /api/data/cart',
  'POST /api/rotate',
  'POST /api/sign-out',
];
CHANGES.push('POST /api/sign-out-others', 'POST /api/sign-out-everywhere');
const REFUSED = { code: 'EBADCSRFTOKEN' };

for (const kind of ['server', 'tokens'] as const) {
  describe(`examples/console: cross-site requests, with ${kind === 'tokens' ? 'tokens' : 'server-side sessions'}`, () => {
    let bench: ConsoleBench;
    let client: ConsoleClient;

    beforeEach(async () => {
      bench = new ConsoleBench(kind);
      await bench.start();
      client = new ConsoleClient(bench.base, 'cookie');
    });

    afterEach(() => bench.stop());

    function expectRefused({ status, text }: Reply, reason: string, line?: string): void {
      expect(status, line).to.equal(403);
      expect(JSON.parse(text), line).to.include({ ...REFUSED, reason });
    }

    it('each change needs a token, with a session and without', async () => {
      const lines = kind === 'tokens' ? CHANGES : [...CHANGES, 'DELETE /api/sessions/x'];
      for (const name of ['nobody', 'Ada']) {
        if (name === 'Ada') await client.signIn(name);
        const before = await client.session();
        for (const line of lines) {
          const [method = '', path = ''] = line.split(' ');
          const body = path === '/api/sign-in' ? { name: 'Eve' } : {};
          expectRefused(await client.sendAsIs(method, path, body), 'token_missing', line);
        }
        expect(await client.session()).to.deep.equal(before);
      }
    });

    it('the token is not taken from the body, which is session data', async () => {
      await client.signIn('Ada');
      expectRefused(await client.sendAsIs('PUT', '/api/data', { _csrf: client.csrf }), 'token_missing');
    });

    it('a token is given to whoever asks, for the session or for the cookie that comes with it', async () => {
      const { headers, text } = await client.send('GET', '/api/csrf-token');
      expect(headers.get('Content-Type')).to.equal('text/plain; charset=utf-8');
      expect(headers.get('Cache-Control')).to.contain('no-store');
      expect(client.csrf).not.to.equal('');
      const signIn = await client.sendAsIs('POST', '/api/sign-in', { name: 'Ada' }, { 'X-CSRF-Token': text });
      expect(signIn.status).to.equal(200);
      const token = await client.newToken();
      expect((await client.sendAsIs('POST', '/api/rotate', {}, { 'X-CSRF-Token': token })).status).to.equal(200);
    });

    it('a sign-in and a sign-out make the tokens of another tab stale; it gets a new one', async () => {
      for (const act of ['sign-in', 'sign-out']) {
        const token = await client.newToken();
        expect((await client.send('POST', `/api/${act}`, { name: 'Ada' })).status).to.be.oneOf([200, 204]);
        const change = (held: string) => client.sendAsIs('PUT', '/api/data', {}, { 'X-CSRF-Token': held });
        expectRefused(await change(token), 'token_stale', act);
        expect((await change(await client.newToken())).status, act).to.equal(200);
      }
    });

    it('a token outlives rotation and a restart', async () => {
      await client.signIn('Ada');
      const token = client.csrf;
      await client.done('POST', '/api/rotate');
      const other = new ConsoleBench(kind);
      await other.start();
      try {
        const visitor = new ConsoleClient(other.base, 'cookie');
        visitor.jar.setCookieSync(`csrf=${token}`, other.base);
        const reply = await visitor.send('POST', '/api/sign-in', { name: 'Ada' });
        expectRefused(reply, 'token_stale', 'known, though its session is not');
      } finally {
        await other.stop();
      }
      expect(client.csrf).to.equal(token);
      expect((await client.send('PUT', '/api/data', {})).status).to.equal(200);
    });

    it('a page of another origin is refused even with the token, and the answer says what came', async () => {
      await client.signIn('Ada');
      for (const [headers, seen] of [
        [{ 'Sec-Fetch-Site': 'cross-site' }, 'Sec-Fetch-Site: cross-site'],
        [{ 'Sec-Fetch-Site': 'same-site', Origin: bench.base }, 'Sec-Fetch-Site: same-site'],
        [{ Origin: 'http://127.0.0.1:1' }, 'Origin: http://127.0.0.1:1'],
      ] as const) {
        const reply = await client.send('POST', '/api/sign-out', {}, headers);
        expectRefused(reply, 'cross_origin', seen);
        expect(reply.headers.get('X-Console-Origin')).to.equal(seen);
      }
      expect((await client.session())?.uid).to.equal('ada');
      const own = await client.send('PUT', '/api/data', {}, { 'Sec-Fetch-Site': 'same-origin' });
      expect([own.status, own.headers.get('X-Console-Origin')]).to.deep.equal([200, 'Sec-Fetch-Site: same-origin']);
      expect((await client.send('PUT', '/api/data', {})).headers.get('X-Console-Origin')).to.equal('none');
      expect((await client.send('GET', '/api/session')).headers.has('X-Console-Origin')).to.equal(false);
    });

    it('clients of the session header need no token', async () => {
      const program = new ConsoleClient(bench.base, 'header');
      expect((await program.sendAsIs('POST', '/api/sign-in', { name: 'Ada' })).status).to.equal(200);
      expect((await program.sendAsIs('PUT', '/api/data', { cart: ['tea'] })).status).to.equal(200);
      expect((await program.session())?.sessionData).to.deep.include({ cart: ['tea'] });
    });
  });
}
