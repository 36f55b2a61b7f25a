import { expect } from 'chai';
import type { IdentityOptions } from '../../src/http/identity-options.js';
import { IdentityVerifier } from '../../src/identity/index.js';
import { MemoryStore } from '../../src/index.js';
import { parts } from '../support/forge.js';
import { IDENTITY_SECRET, identityToken } from '../support/identities.js';
import { errorOf, openingOf } from '../support/outcomes.js';
import { claimsOf } from '../support/sessions.js';
import { sourceModes } from '../support/shop.js';
import { NOW } from '../support/token-fixtures.js';
import { type Carried, Site, type SiteOptions } from '../support/visits.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const IDENTITY: IdentityOptions = { jwtSecret: IDENTITY_SECRET };

/** What the browser of one user holds. */
type Held = Pick<Carried, 'cookie' | 'auth'>;

for (const mode of sourceModes) {
  const siteWith = (identity: Partial<IdentityOptions> = {}, options: SiteOptions = {}) =>
    new Site({ mode, identity: { ...IDENTITY, ...identity }, ...options });

  const signIn = async (site: Site, uid = 'u1', carried: Carried = {}): Promise<Held> => {
    const answer = await site.ask(carried, (session) => void session.setUser(uid));
    return { cookie: answer.cookie.value, auth: answer.identity?.value ?? '' };
  };

  describe(`The identity cookie, with sessions of a ${mode} source`, () => {
    let site: Site;
    beforeEach(() => {
      site = siteWith();
    });

    it('is sent at sign-in, says who it is, and keeps the response out of caches', async () => {
      const opened = await site.open();
      opened.session.setUser('u1');
      const answer = await opened.commit();
      const token = answer.identity?.value ?? '';
      expect(parts(token).header).to.deep.equal({ alg: 'HS512', typ: 'identity+jwt' });
      expect(claimsOf(token)).to.deep.equal({
        sub: 'u1',
        sid: opened.session.lineage,
        iat: NOW / 1000,
        exp: (NOW + 5 * MINUTE) / 1000,
        auth_time: NOW / 1000,
      });
      expect(answer.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      expect(answer.responseHeader('vary')).to.deep.equal(['Cookie']);
    });

    it('is accepted by a verifier until it expires, also after the sign-out', async () => {
      const { clock } = site;
      const verifier = new IdentityVerifier({ jwtSecret: IDENTITY.jwtSecret, clock });
      const { auth, cookie = '' } = await signIn(site);
      await site.ask({ cookie }, (session) => void session.revoke());
      site.pass(5 * MINUTE - 1);
      expect(verifier.verify(auth).uid).to.equal('u1');
      site.pass(1);
      expect(errorOf(() => verifier.verify(auth))).to.include({ reason: 'expired' });
    });

    it('is not sent to visitors, and costs them no header', async () => {
      expect((await site.ask()).headerNames).to.deep.equal([]);
      const answer = await site.ask({}, (session) => {
        session.sessionData.count = 1;
      });
      expect(answer.identity).to.equal(undefined);
      expect((await site.ask({ cookie: answer.cookie.value })).headerNames).to.deep.equal([]);
    });

    it('is left alone while half of its life is left, then minted anew', async () => {
      const held = await signIn(site);
      site.pass(2.5 * MINUTE);
      expect((await site.ask(held)).headerNames).to.deep.equal([]);
      site.pass(1);
      const answer = await site.ask(held);
      expect(claimsOf(answer.identity?.value ?? '')).to.include({ sub: 'u1', exp: (NOW + 7.5 * MINUTE) / 1000 });
      expect(answer.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      expect(answer.cookies.map(({ key }) => key)).to.deep.equal(['auth']);
    });

    it('is minted when the request comes without a good one of its session', async () => {
      const held = await signIn(site);
      const other = await signIn(site, 'u1');
      const stranger = await signIn(site, 'u2');
      const { lineage } = (await site.open(held)).session;
      const sameSession = identityToken({ uid: 'u2', lineage }, 'HS512', IDENTITY_SECRET);
      const bad = ['', 'junk', sameSession, 'a.b.c', String(held.cookie), String(other.auth), String(stranger.auth)];
      for (const auth of bad) {
        const answer = await site.ask({ ...held, auth });
        expect(claimsOf(answer.identity?.value ?? ''), auth).to.include({ sub: 'u1' });
      }
      expect((await site.ask({ cookie: held.cookie ?? '' })).identity?.value).to.equal(held.auth);
    });

    it('follows a change of user, and a new sign-in of the same user', async () => {
      const held = await signIn(site);
      site.pass(SECOND);
      const again = await signIn(site, 'u1', held);
      expect(claimsOf(again.auth ?? '')).to.include({ sub: 'u1', auth_time: NOW / 1000 + 1 });
      const next = await signIn(site, 'u2', again);
      expect(claimsOf(next.auth ?? '')).to.include({ sub: 'u2' });
      expect(claimsOf(next.auth ?? '')['sid']).not.to.equal(claimsOf(again.auth ?? '')['sid']);
    });

    it('stays through a rotation', async () => {
      const held = await signIn(site);
      const answer = await site.ask(held, (session) => void session.rotate());
      expect(answer.cookie.value).not.to.equal(held.cookie);
      expect(answer.identity).to.equal(undefined);
    });

    it('is cleared when the user signs out, with the session and without its end', async () => {
      for (const signOut of ['revoke', 'setUser'] as const) {
        const held = await signIn(site);
        const answer = await site.ask(held, (session) => {
          if (signOut === 'revoke') session.revoke();
          else session.setUser(null);
        });
        expect(answer.identity, signOut).to.include({ value: '', maxAge: 0 });
      }
    });

    it('is cleared by a request that does not carry it, because its path may differ', async () => {
      const { cookie = '' } = await signIn(site);
      const answer = await site.ask({ cookie }, (session) => void session.revoke());
      expect(answer.identity).to.include({ value: '', maxAge: 0 });
    });

    it('is cleared once its session has ended elsewhere', async () => {
      const held = await signIn(site);
      await site.ask(held, (session) => void session.revoke());
      site.pass(MINUTE);
      const answer = await site.ask(held);
      expect(answer.identity).to.include({ value: '', maxAge: 0 });
      expect(answer.responseHeader('cache-control')).to.deep.equal(['private, no-store']);
      expect((await site.ask({ cookie: held.cookie ?? '' })).headerNames).to.deep.equal([]);
      expect((await site.ask({ ...held, passive: true })).headerNames).to.deep.equal([]);
    });

    it('stays when the browser left the session cookie out', async () => {
      const { auth = '' } = await signIn(site);
      expect((await site.ask({ auth })).headerNames).to.deep.equal([]);
    });

    it('is not sent for requests that are no activity', async () => {
      const { cookie = '' } = await signIn(site);
      site.pass(SECOND);
      expect((await site.ask({ cookie, passive: true })).headerNames).to.deep.equal([]);
      const image = { cookie, headers: { 'sec-fetch-dest': 'image' } };
      expect((await site.ask(image)).headerNames).to.deep.equal([]);
      expect((await site.ask({ cookie, method: 'OPTIONS' })).headerNames).to.deep.equal([]);
    });

    it('is not sent for two sessions at once, but cleared', async () => {
      const [one, two] = [await signIn(site, 'u1'), await signIn(site, 'u2')];
      const sids = [one.cookie, two.cookie].flat().filter((sid) => sid !== undefined);
      expect((await site.ask({ cookie: sids })).identity).to.include({ value: '', maxAge: 0 });
    });

    it('is not sent to clients with the header, which keep no cookies', async () => {
      const both = siteWith({}, { header: true });
      const sid = await both.issue({}, 'u1');
      expect((await both.ask({ header: sid })).headerNames).to.deep.equal([]);
      const answer = await both.ask({ header: sid }, (session) => void session.revoke());
      expect(answer.identity).to.equal(undefined);
    });

    it('never opens a session, in the place of the sid or beside it', async () => {
      const { auth = '' } = await signIn(site);
      expect((await site.open({ auth })).session.uid).to.equal(undefined);
      expect((await site.open({ cookie: auth })).session.uid).to.equal(undefined);
      expect(await openingOf(site.storage, auth)).to.equal('malformed');
    });

    it('does not outlast its session', async () => {
      const short = siteWith({}, { timeToLive: 2 * MINUTE, timeoutResolution: SECOND });
      const { auth = '' } = await signIn(short);
      expect(claimsOf(auth)).to.include({ exp: (NOW + 2 * MINUTE) / 1000 });
    });

    it('is minted once a session when that has little left, not in each request', async () => {
      const short = siteWith({}, { timeToLive: 0, absoluteTimeout: MINUTE });
      const held = await signIn(short);
      short.pass(10 * SECOND);
      expect((await short.ask(held)).identity).to.equal(undefined);
    });

    it('counts its life from when the session was opened, so that a slow request keeps the bound', async () => {
      const held = await signIn(site);
      site.pass(4 * MINUTE);
      const slow = await site.open(held);
      site.pass(MINUTE);
      const answer = await slow.commit();
      expect(claimsOf(answer.identity?.value ?? '')).to.include({ exp: (NOW + 9 * MINUTE) / 1000 });
    });

    it('is not sent when its life has passed within the request', async () => {
      const held = await signIn(site);
      const slow = await site.open({ cookie: held.cookie ?? '' });
      site.pass(5 * MINUTE);
      expect((await slow.commit()).identity).to.equal(undefined);
    });

    it('is not sent when the session ended while its request ran, changed or not', async () => {
      for (const count of [undefined, 1]) {
        const held = await signIn(site);
        const slow = await site.open({ cookie: held.cookie ?? '' });
        await site.ask(held, (session) => void session.revoke());
        if (count !== undefined) slow.session.sessionData.count = count;
        expect((await slow.commit()).headerNames, String(count)).to.deep.equal([]);
      }
    });

    it('is not sent for a change under a sid that a rotation replaced, which gets no new sid either', async () => {
      const { cookie = '' } = await signIn(site);
      await site.ask({ cookie }, (session) => void session.rotate());
      const late = await site.open({ cookie });
      expect(late.session.uid).to.equal('u1');
      late.session.sessionData.count = 1;
      expect((await late.commit()).headerNames).to.deep.equal([]);
    });

    if (mode === 'server-side') {
      it('is not sent for a sid that the store knows to be replaced, here or in another process', async () => {
        const { clock } = site;
        const store = new MemoryStore();
        const one = siteWith({}, { store, clock });
        const other = siteWith({}, { store, clock });
        const { cookie = '' } = await signIn(one);
        await one.ask({ cookie }, (session) => void session.rotate());
        for (const asked of [one, other]) expect((await asked.ask({ cookie })).headerNames).to.deep.equal([]);
      });
    }

    it('is neither sent nor cleared while a newer credential may be on its way', async () => {
      const never = siteWith({}, { create: 'never' });
      const cookie = await never.issue({}, 'u1');
      const auth = (await never.ask({ cookie })).identity?.value ?? '';
      expect(claimsOf(auth)).to.include({ sub: 'u1' });
      await never.ask({ cookie, auth }, (session) => void session.revoke());
      expect((await never.ask({ cookie, auth })).headerNames).to.deep.equal([]);
    });

    it('is minted anew when the session is made to end sooner', async () => {
      const held = await signIn(site);
      const answer = await site.ask(held, (session) => void session.setLifetime({ idleTimeout: MINUTE }));
      expect(claimsOf(answer.identity?.value ?? '')).to.include({ exp: (NOW + MINUTE) / 1000 });
    });

    it('leaves a client alone that neither had a session nor gets one', async () => {
      const answer = await site.ask({}, (session) => void session.setUser('u1').revoke());
      expect(answer.headerNames).to.deep.equal([]);
    });

    it('lives as long in the browser as its token, or until that closes', async () => {
      const answer = await site.ask({}, (session) => void session.setUser('u1'));
      expect(answer.identity).to.include({ maxAge: 300, httpOnly: true, secure: true, sameSite: 'lax', path: '/' });
      const brief = await site.ask({}, (session) => void session.setUser('u1').setLifetime({ persistent: false }));
      expect(brief.identity?.maxAge).to.equal(null);
    });
  });
}
