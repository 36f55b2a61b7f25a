import { expect } from 'chai';
import { createApi, Refusal, type Sent } from '../../examples/console/public/api.js';
import { errorOf } from '../support/outcomes.js';
import { ConsoleBench, MINUTE } from './console-bench.js';
import { ConsoleClient } from './console-client.js';

/** The script of a page. Its tabs share the cookies of a client. */
class Tab {
  readonly sent: Sent[] = [];
  /** Every request, such as 'PUT data'. */
  readonly lines: string[] = [];
  /** What other tabs do right before this one sends a change. */
  before: () => Promise<unknown> = async () => undefined;
  readonly api;

  constructor(client: ConsoleClient) {
    this.api = createApi({
      fetch: async (input, { method = 'GET', body, headers, credentials } = {}) => {
        this.lines.push(`${method} ${String(input).replace('/api/', '')}`);
        if (method !== 'GET') await this.before();
        const sender = credentials === 'omit' ? client.stranger() : client;
        const text = typeof body === 'string' ? body : undefined;
        const reply = await sender.sendAsIs(method, String(input), text, Object.fromEntries(new Headers(headers)));
        return new Response(reply.status === 204 ? null : reply.text, reply);
      },
      cookies: () => client.readableCookies,
      report: (sent) => this.sent.push(sent),
    });
  }
}

for (const kind of ['server', 'tokens'] as const) {
  describe(`examples/console: the requests of the page, with ${kind}`, () => {
    let bench: ConsoleBench;
    let client: ConsoleClient;
    let tab: Tab;

    beforeEach(async () => {
      bench = new ConsoleBench(kind);
      await bench.start();
      client = new ConsoleClient(bench.base, 'cookie');
      tab = new Tab(client);
    });

    afterEach(() => bench.stop());

    it('get the token of the cookie; a visitor asks for one first', async () => {
      await tab.api.call('POST', 'sign-in', { name: 'Ada' });
      const token = client.csrf;
      await tab.api.call('POST', 'rotate');
      expect(tab.lines).to.deep.equal(['GET csrf-token', 'POST sign-in', 'POST rotate']);
      const last = { line: 'POST /api/rotate', token, refused: undefined, status: 200, reason: undefined };
      expect(tab.sent.at(-1)).to.deep.equal({ ...last, origin: 'none' });
    });

    it('that only read get none, and are not reported', async () => {
      expect(await tab.api.call('GET', 'session')).to.deep.equal({ session: null });
      expect([tab.lines, tab.sent]).to.deep.equal([['GET session'], []]);
    });

    for (const [what, act] of [
      ['signed in', () => client.signIn('Bob')],
      ['signed out', () => client.send('POST', '/api/sign-out')],
    ] as const) {
      it(`are sent once more when another tab has ${what} meanwhile`, async () => {
        await client.signIn('Ada');
        const stale = client.csrf;
        tab.before = () => {
          tab.before = async () => undefined;
          return act();
        };
        await tab.api.call('PUT', 'data', { cart: ['tea'] });
        expect(tab.lines).to.deep.equal(['PUT data', 'GET csrf-token', 'PUT data']);
        expect(tab.sent.map(({ reason, status }) => [reason, status])).to.deep.equal([
          ['token_stale', 403],
          [undefined, 200],
        ]);
        expect(tab.sent[1]?.refused).to.equal(stale);
        expect(tab.sent[1]?.token).not.to.equal(stale);
        expect((await client.session())?.sessionData).to.deep.include({ cart: ['tea'] });
      });
    }

    it('sign in after the session has expired', async () => {
      await client.signIn('Ada');
      bench.now += 31 * MINUTE;
      await tab.api.call('POST', 'sign-in', { name: 'Ada' });
      expect((await client.session())?.uid).to.equal('ada');
    });

    it('are sent twice at most', async () => {
      await client.signIn('Ada');
      const names = ['Bob', 'Eve'];
      tab.before = () => client.signIn(names.shift() ?? 'one too many');
      const failure = await errorOf(() => tab.api.call('PUT', 'data', {}));
      expect(failure).to.be.instanceOf(Refusal).and.include({ status: 403, reason: 'token_stale' });
      expect(tab.sent).to.have.length(2);
    });

    it('that are refused for another reason are sent once', async () => {
      const failure = await errorOf(() => tab.api.call('POST', 'sign-in', { name: '' }));
      expect(failure).to.be.instanceOf(Refusal).and.include({ status: 400, reason: undefined });
      expect(tab.sent).to.have.length(1);
    });

    it('can be tried as another site sends them: without a token, or with that of a stranger', async () => {
      await client.signIn('Ada');
      const before = [client.sid, client.csrf];
      for (const [token, reason] of [
        [undefined, 'token_missing'],
        [await tab.api.newToken('omit'), 'token_stale'],
      ] as const) {
        const failure = await errorOf(() => tab.api.change('PUT', 'data', {}, token));
        expect(failure).to.be.instanceOf(Refusal).and.include({ status: 403, code: 'EBADCSRFTOKEN', reason });
        expect(tab.sent.at(-1)).to.include({ token, reason, status: 403 });
      }
      expect([client.sid, client.csrf]).to.deep.equal(before);
    });
  });
}
