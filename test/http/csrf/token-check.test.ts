import { inspect } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import { type Call, CsrfSite, type CsrfSiteOptions, SECRET } from '../../support/csrf-site.js';
import { errorOf } from '../../support/outcomes.js';
import { sourceModes } from '../../support/shop.js';
import { parsed } from '../../support/transports.js';

const SAFE = ['GET', 'HEAD', 'OPTIONS'];
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE'];
const signIn = (uid: string) => (call: { readonly session: { setUser(uid: string): unknown } | undefined }) =>
  void call.session?.setUser(uid);

for (const mode of sourceModes) {
  const siteOf = (options: CsrfSiteOptions = {}) => new CsrfSite({ ...options, shop: { mode, ...options.shop } });

  /** A client with a session, and the cookie of its token. */
  const visitor = async (site = siteOf(), uid = 'u1') => {
    const client = site.client({ sid: await site.shop.issue({ count: 1 }, uid) });
    await client.ask();
    return client;
  };

  describe(`Tokens of requests, over a ${mode} source`, () => {
    describe('with a session', () => {
      it('are sent in a cookie that scripts read, and taken from the header', async () => {
        const client = await visitor();
        for (const method of UNSAFE) expect(await client.post(client.token, { method })).to.equal('passed');
      });

      it('are not taken from the cookie alone (row 44)', async () => {
        const client = await visitor();
        expect(await client.post()).to.equal('token_missing');
        expect(await client.post('')).to.equal('token_malformed');
      });

      it('are not needed for safe methods, nor by a request whose session nobody uses', async () => {
        const client = await visitor();
        for (const method of SAFE) expect(await client.post(undefined, { method })).to.equal('passed');
        expect(await client.post(undefined, {}, () => undefined)).to.equal('passed');
      });

      it('are sent once', async () => {
        const site = siteOf();
        const client = site.client({ sid: await site.shop.issue({ count: 1 }, 'u1') });
        expect((await client.ask()).setCookies).to.have.length(1);
        expect((await client.ask()).setCookies).to.deep.equal([]);
      });

      it('are those of the session: not of another, nor of one before or after it (row 42)', async () => {
        const site = siteOf();
        const [one, other] = [await visitor(site, 'u1'), await visitor(site, 'u2')];
        expect(await one.post(other.token)).to.equal('token_stale');
        const before = one.token;
        expect(await one.post(before, {}, signIn('u3'))).to.equal('passed');
        expect(one.token).not.to.equal(before);
        expect(await one.post(before)).to.equal('token_stale');
        const last = one.token;
        expect(await one.post(last, {}, ({ session }) => void session?.revoke())).to.equal('passed');
        expect(await one.post(last)).to.equal('token_stale');
      });

      it('cannot be planted with their cookie', async () => {
        const site = siteOf();
        const [attacker, victim] = [site.client(), await visitor(site)];
        const [shown, mine] = [await attacker.page(), await visitor(site, 'mallory')];
        for (const [cookie, token] of [
          [attacker.token, attacker.token],
          [attacker.token, shown],
          [mine.token, mine.token],
        ] as const) {
          victim.jar.set('csrf', cookie);
          expect(await victim.post(token)).to.equal('token_stale');
        }
      });

      it('stay good when the session rotates, and in a second tab', async () => {
        const client = await visitor();
        const { token } = client;
        expect(await client.post(token, {}, ({ session }) => void session?.rotate())).to.equal('passed');
        expect(await client.post(token)).to.equal('passed');
        expect(await client.post(await client.page())).to.equal('passed');
        expect(await client.post(token)).to.equal('passed');
      });

      it('are renewed by the response that signs a user in, without another request', async () => {
        const site = siteOf();
        const client = site.client();
        const anonymous = await client.page();
        expect(await client.post(anonymous, {}, signIn('u1'))).to.equal('passed');
        expect(await client.post(client.token)).to.equal('passed');
        expect(await client.post(anonymous)).to.equal('token_stale');
      });

      it('are replaced if the cookie is lost, wrong or there twice', async () => {
        const client = await visitor();
        const good = client.token;
        for (const cookie of [undefined, 'junk', 'a.b', `${good}A`, `${good}; csrf=a.b`]) {
          if (cookie === undefined) client.jar.delete('csrf');
          else client.jar.set('csrf', cookie);
          await client.ask();
          expect(client.token).not.to.equal(cookie);
          expect(await client.post(client.token)).to.equal('passed');
        }
        expect(await client.post(good)).to.equal('passed');
      });

      it('are renewed with a session that is invalidated, whose lineage ends', async () => {
        const client = await visitor();
        const before = client.token;
        const invalidate = await client.post(before, {}, ({ session }) => session?.forceInvalidate('CurrentSessionId'));
        expect(invalidate).to.equal('passed');
        expect(await client.post(before)).to.equal('token_stale');
        expect(await client.post(client.token)).to.equal('passed');
      });

      it('are cleared at sign-out', async () => {
        const client = await visitor();
        await client.post(client.token, {}, ({ session }) => void session?.revoke());
        expect([...client.jar]).to.deep.equal([]);
      });
    });

    describe('without a session', () => {
      it('are given to a page that asks for one, and protect the sign-in', async () => {
        const client = siteOf().client();
        const token = await client.page();
        expect([...client.jar.keys()]).to.deep.equal(['csrf']);
        for (const one of [token, client.token]) expect(await client.post(one)).to.equal('passed');
        expect(await siteOf().client().post(token)).to.equal('token_stale');
      });

      it('are bound to the cookie also if the schema gives a new session data', async () => {
        const sessionData = z.custom<{ count?: number }>().transform((data) => ({ count: 7, ...data }));
        const client = siteOf({ shop: { sessionData } }).client();
        const token = await client.page(({ session }) => expect(session?.sessionData.count).to.equal(7));
        expect(await client.post(token)).to.equal('passed');
        const changed = await client.page(({ session }) => session?.set('sessionData', { count: 8 }));
        expect(await client.post(changed)).to.equal('passed');
      });

      it('are needed', async () => {
        const client = siteOf().client();
        expect(await client.post()).to.equal('token_missing');
        expect(await client.post(await siteOf().client().page())).to.equal('token_stale');
      });

      it('are sent to nobody who did not ask', async () => {
        const client = siteOf().client();
        expect((await client.ask({}, ({ session }) => session)).setCookies).to.deep.equal([]);
      });

      it('share one cookie, which is sent once', async () => {
        const client = siteOf().client();
        const tokens = [await client.page(), await client.page()];
        const { token } = client;
        tokens.push(await client.page());
        expect(client.token).to.equal(token);
        for (const one of tokens) expect(await client.post(one)).to.equal('passed');
      });

      it('fit after a response that keeps no session', async () => {
        const leaving = await visitor();
        const last = await leaving.page(({ session }) => void session?.revoke());
        expect([...leaving.jar.keys()]).to.deep.equal(['csrf']);
        expect(await leaving.post(last)).to.equal('passed');
      });

      it('keep their cookie when another site sends a request to an exempt route', async () => {
        const exempt = ({ path }: { path: string }) => path === '/hook';
        const client = await visitor(siteOf({ csrf: { token: true, secret: SECRET, exempt } }));
        const { token } = client;
        const [sid = ''] = [client.jar.get('sid')];
        client.jar.clear();
        await client.ask({ path: '/hook', method: 'POST' }, (call) => void call.token());
        expect([...client.jar]).to.deep.equal([]);
        client.jar.set('sid', sid).set('csrf', token);
        expect(await client.post(token)).to.equal('passed');
      });

      it('keep their cookie when an empty session is ended', async () => {
        const client = siteOf().client();
        const token = await client.page();
        expect(await client.post(token, {}, ({ session }) => void session?.revoke())).to.equal('passed');
        expect(await client.post(token)).to.equal('passed');
      });

      if (mode !== 'server-side') {
        it('fit as long as the sid cannot be judged here, unless a user signs in', async () => {
          const site = siteOf();
          site.shop.pass(60_000);
          const client = site.client({ sid: await site.shop.issue({ count: 1 }, 'u1') });
          site.shop.clock.set(site.shop.clock.now() - 60_000);
          const token = await client.page(
            ({ session }) => void Object.assign(session?.sessionData ?? {}, { count: 2 }),
          );
          expect(await client.post(token)).to.equal('passed');
          expect(await client.post(await client.page(signIn('u2')))).to.equal('passed');
        });
      }

      it('are not bound to a cookie that was not made here, or is there twice', async () => {
        const [client, other] = [siteOf().client(), siteOf().client()];
        const [token] = [await client.page(), await other.page()];
        const own = client.token;
        client.jar.set('csrf', `${own}; csrf=${other.token}`);
        expect(await client.post(token)).to.equal('token_stale');
        expect(await client.post(other.token)).to.equal('token_stale');
        client.jar.set('csrf', `${own}; csrf=${own}`);
        expect(await client.post(token)).to.equal('passed');
      });

      for (const [what, create, handle] of [
        ['that has data', 'lazy', ({ session }) => void Object.assign(session?.sessionData ?? {}, { count: 1 })],
        ['that is issued at once', 'eager', () => undefined],
        ['into which a user signs in', 'lazy', signIn('u1')],
      ] satisfies [string, CsrfSiteOptions['create'], Parameters<ReturnType<CsrfSite['client']>['page']>[0]][]) {
        it(`fit the new session of the same response, ${what}`, async () => {
          const client = siteOf({ create }).client();
          const token = await client.page(handle);
          expect([...client.jar.keys()]).to.have.members(['sid', 'csrf']);
          for (const one of [token, client.token]) expect(await client.post(one)).to.equal('passed');
        });
      }
    });

    describe('that are refused', () => {
      it('leave an empty session for error handlers, and send nothing', async () => {
        const site = siteOf({ shop: { timeoutResolution: 1000 } });
        const client = await visitor(site);
        site.shop.pass(2000);
        const { length } = site.shop.told;
        for (const use of ['body', 'session', 'assigning'] as const) {
          const exchange = await client.ask({ method: 'POST' }, ({ request, checkBody }) => {
            const act = () => {
              if (use === 'body') checkBody({ _csrf: 'junk' });
              else if (use === 'session') request.session;
              else Object.assign(request, { session: undefined });
            };
            expect(errorOf(act).name).to.equal('CsrfRefused');
            expect([request.session?.uid, request.session?.sessionData]).to.deep.equal([undefined, {}]);
            request.session?.setUser('mallory');
          });
          expect(exchange.headerNames, use).to.deep.equal([]);
        }
        expect(site.shop.told.slice(length)).to.deep.equal([]);
        expect(await client.post(client.token, {}, ({ session }) => expect(session?.uid).to.equal('u1'))).to.equal(
          'passed',
        );
      });

      it('can be replaced by the error page, with a session and without', async () => {
        for (const client of [await visitor(), siteOf().client()]) {
          let token = '';
          await client.ask({ method: 'POST' }, ({ request, token: next }) => {
            errorOf(() => request.session);
            token = next();
          });
          expect(await client.post(token)).to.equal('passed');
        }
      });
    });

    it('are repeated by no error (row 64)', async () => {
      const [client, other] = [await visitor(), await visitor(siteOf(), 'u2')];
      for (const wrong of [other.token, `${client.token}x`, 'x'.repeat(87), `${'A'.repeat(43)}.${'A'.repeat(43)}`]) {
        const error = await errorOf(() =>
          client.ask({ method: 'POST', headers: { 'x-csrf-token': wrong } }, ({ session }) => session),
        );
        expect(error).to.have.property('code', 'EBADCSRFTOKEN');
        const text = inspect(error, { showHidden: true, depth: 9 });
        for (const part of [...wrong.split('.'), ...client.token.split('.'), SECRET]) expect(text).not.to.include(part);
      }
    });

    describe('and who needs none', () => {
      it('clients with the session header', async () => {
        const site = siteOf({ header: true });
        const client = site.client();
        const headers = { 'x-session-id': await site.shop.issue({ count: 1 }, 'u1') };
        expect(await client.post(undefined, { headers })).to.equal('passed');
        expect(await client.post(undefined, { headers: { 'x-session-id': '' } }, signIn('u2'))).to.equal('passed');
        expect([...client.jar]).to.deep.equal([]);
        const cookie = `sid=${await site.shop.issue({ count: 1 }, 'u1')}`;
        expect(await client.post(undefined, { headers: { cookie, authorization: 'Bearer x' } })).to.equal(
          'token_missing',
        );
      });

      it('routes that other sites call, and those that have no session', async () => {
        const exempt = ({ path }: { path: string }) => path === '/hook';
        const site = siteOf({ csrf: { token: true, secret: SECRET, exempt }, only: ({ path }) => path !== '/open' });
        const client = await visitor(site);
        const use = ({ session, checkBody }: Parameters<Parameters<typeof client.ask>[1] & object>[0]) => {
          checkBody({});
          expect(session?.uid).to.equal(undefined);
        };
        expect(await client.post(undefined, { path: '/hook' }, use)).to.equal('passed');
        expect(await client.post(undefined, { path: '/' }, use)).to.equal('token_missing');
        expect(() => site.activation.checkCsrf({ path: '/open' }, {})).not.to.throw();
        expect(() => site.activation.checkCsrf({ path: '/' }, {})).to.throw(TypeError, 'did not pass');
      });
    });

    it('are missing for checkCsrf too if something ignored that before, whatever the body has', async () => {
      const client = await visitor();
      const ignoring = (body: (token: string) => object) => (call: Call) => {
        expect(errorOf(() => call.session)).to.have.property('reason', 'token_missing');
        expect(call.session?.uid).to.equal(undefined);
        call.checkBody(body(client.token));
      };
      expect(
        await client.post(
          undefined,
          {},
          ignoring(() => ({})),
        ),
      ).to.equal('token_missing');
      expect(
        await client.post(
          undefined,
          {},
          ignoring((_csrf) => ({ _csrf })),
        ),
      ).to.equal('token_missing');
    });

    it('are missing without an error once the response is over: the session is empty', async () => {
      const client = await visitor();
      let late: Call | undefined;
      expect(
        await client.post(undefined, {}, (call) => {
          late = call;
        }),
      ).to.equal('passed');
      expect([late?.session?.uid, late?.session?.isEmpty]).to.deep.equal([undefined, true]);
    });

    it('come after the check of the origin', async () => {
      const client = await visitor();
      const headers = { 'sec-fetch-site': 'cross-site' };
      expect(await client.post(client.token, { headers })).to.equal('cross_origin');
      const trusting = await visitor(siteOf({ csrf: { token: true, secret: SECRET, origins: ['https://a.example'] } }));
      const listed = { ...headers, origin: 'https://a.example' };
      expect(await trusting.post(undefined, { headers: listed })).to.equal('token_missing');
      expect(await trusting.post(trusting.token, { headers: listed })).to.equal('passed');
    });

    it('are accepted by every process with the secret, and only by those', async () => {
      const ofProcess = (csrf: NonNullable<CsrfSiteOptions['csrf']>) => siteOf({ csrf });
      const client = ofProcess({ token: true, secret: SECRET }).client();
      await client.page();
      const jar = { csrf: client.token };
      const others = [ofProcess({ token: true, secret: ['y'.repeat(32), SECRET] }), ofProcess('token')];
      const outcomes = await Promise.all(others.map((site) => site.client(jar).post(client.token)));
      expect(outcomes).to.deep.equal(['passed', 'token_invalid']);
    });

    it('keep their pages and cookies out of caches', async () => {
      const site = siteOf();
      const client = site.client({ sid: await site.shop.issue({ count: 1 }, 'u1') });
      expect((await client.ask()).responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      expect((await client.ask()).responseHeader('cache-control')).to.deep.equal([]);
      const page = await client.ask({}, ({ token }) => void token());
      expect(page.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      expect(page.responseHeader('vary')).to.deep.equal(['Cookie']);
    });

    it('have a cookie like that of the session, for scripts and until the browser closes', async () => {
      const site = siteOf({ cookie: '__Host-sid' });
      const client = site.client();
      const { setCookies } = await client.ask({}, ({ token }) => void token());
      expect(setCookies).to.have.length(1);
      const { key, httpOnly, secure, sameSite, path, maxAge, expires } = parsed(setCookies[0] ?? '');
      expect([key, httpOnly, secure, sameSite, path, maxAge, expires]).to.deep.equal([
        ...['__Host-csrf', false, true, 'lax', '/', null, 'Infinity'],
      ]);
    });
  });
}

describe('Without the option token', () => {
  it('there is nothing to ask for', async () => {
    const site = new CsrfSite({ csrf: {} });
    await site.client().ask({}, ({ token, checkBody }) => {
      expect(token).to.throw(TypeError, "csrf: 'token'");
      expect(() => checkBody({})).to.throw(TypeError, "csrf: 'token'");
    });
  });
});
