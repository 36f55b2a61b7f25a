import { expect } from 'chai';
import { IdentityVerifier } from '../../src/identity/index.js';
import { RevocationList, SessionStorage } from '../../src/index.js';
import { type Weave, weaveSessions } from '../../src/weave/index.js';
import { guardProcess } from '../support/deferred-head.js';
import { SECRET } from '../support/sessions.js';
import { CSRF_SECRET, JWT_SECRET, WeavePage } from '../support/weave-page.js';
import { type WeaveHandler, type WeaveSite, weaveSite } from '../support/weave-site.js';

const secrets = { csrfSecret: CSRF_SECRET, jwtSecret: JWT_SECRET };
const verifier = new IdentityVerifier({ jwtSecret: JWT_SECRET });

type Handlers = Readonly<Record<string, WeaveHandler>>;

const STORAGES: readonly (readonly [string, (handlers: Handlers) => Promise<WeaveSite>])[] = [
  ['a store', async (handlers) => await weaveSite(weaveSessions(secrets), handlers)],
  [
    'tokens',
    async (handlers) => {
      const sessionStorage = new SessionStorage({ jwtSecret: SECRET, revocations: new RevocationList() });
      return await weaveSite(weaveSessions({ ...secrets, sessionStorage }), handlers);
    },
  ],
];

for (const [kind, open] of STORAGES) {
  describe(`signing in and out with Weave's functions, sessions in ${kind}`, () => {
    guardProcess();
    let live: Weave['live'];
    let page: WeavePage;
    let strings: string[];

    beforeEach(async () => {
      strings = [];
      const { port, weave } = await open({
        'sign-in': async (tab) => {
          const line = tab.signIn({ name: 'Weave', role: 'User' });
          strings.push(line);
          // As in the seed: nothing is awaited but the last.
          void tab.setCookie(line);
          await tab.pushReload();
        },
        'sign-out': async (tab) => {
          const line = tab.signOut();
          strings.push(line);
          void tab.setCookie(line);
          await tab.pushPath('/sign-in');
        },
        keep: (tab) => tab.session.update((data) => Object.assign(Object(data), { cart: 1 })),
        cart: async (tab) => await tab.pushHtml(`<p id="cart">${JSON.stringify(tab.session.sessionData)}</p>`),
        all: async (tab) => {
          tab.signIn({ name: 'Weave' });
          await tab.broadcastReload();
        },
      });
      ({ live } = weave);
      page = new WeavePage(port);
      await page.load();
    });

    afterEach(async () => {
      await live.close();
    });

    const cookieNow = async (name: string): Promise<string> => await page.browser.cookie(name);
    const namesOf = (lines: readonly string[] = []): (string | undefined)[] =>
      lines.map((line) => line.split('=')[0]).sort();

    it('signs in, and the reloaded page is signed in', async () => {
      const before = await page.connect();
      expect((await before.next())?.type).to.equal('open');
      expect((await page.call('sign-in')).status).to.equal(204);
      expect(await before.next()).to.deep.include({ type: 'end', data: { reason: 'superseded' } });

      const after = await page.connect();
      expect((await after.next())?.type).to.equal('open');
      expect((await after.next())?.type).to.equal('cookie');
      expect((await after.next())?.type).to.equal('reload');
      expect(await page.load()).to.deep.equal({ uid: 'Weave', name: 'Weave', role: 'User', authenticated: true });
      after.leave();
    });

    it('delivers what is sent after a sign-in once: the reloaded page does not reload again', async () => {
      await page.call('sign-in');
      const first = await page.connect();
      for (const type of ['open', 'cookie', 'reload']) expect((await first.next())?.type).to.equal(type);
      first.leave();
      const second = await page.connect();
      expect((await second.next())?.data).to.include({ instance: page.instance, replayed: null });
      await page.call('cart');
      expect((await second.next())?.type).to.equal('html');
      second.leave();
    });

    it('gives the cookie string by a claim, to the new session only, and HttpOnly', async () => {
      const stranger = new WeavePage(page.port);
      await stranger.load();
      await page.call('sign-in');
      const after = await page.connect();
      await after.next();
      const claim = String((await after.next())?.data['claim']);
      expect((await stranger.post('/live', { 'x-session-claim': claim })).status).to.equal(404);
      const answer = await page.post('/live', { 'x-session-claim': claim });
      expect([answer.status, answer.headers['set-cookie']]).to.deep.equal([204, strings]);
      expect(strings[0]).to.match(/^weave-auth=[\w-]+\.[\w-]+\.[\w-]+; .*HttpOnly/);
      expect((await page.post('/live', { 'x-session-claim': claim })).status).to.equal(404);
      after.leave();
    });

    it('signs out: the session is nobody’s, its data is gone, and the page goes to the path', async () => {
      await page.call('keep');
      await page.call('sign-in');
      const sid = await cookieNow('weave-sid');
      await page.call('sign-out');
      expect(strings[1]).to.match(/^weave-auth=; Max-Age=0; .*HttpOnly/);
      expect(await cookieNow('weave-auth')).to.equal('');
      expect(await cookieNow('weave-sid')).not.to.be.oneOf(['', sid]);
      const after = await page.connect();
      expect((await after.next())?.type).to.equal('open');
      expect((await after.next())?.type).to.equal('cookie');
      expect(await after.next()).to.deep.include({ type: 'path', data: { path: '/sign-in' } });
      await page.call('cart');
      expect((await after.next())?.data['html']).to.equal('<p id="cart">{}</p>');
      expect(await page.load()).to.equal(null);
      after.leave();
    });

    it('keeps the data of the session at sign-in', async () => {
      await page.call('keep');
      await page.call('sign-in');
      const after = await page.connect();
      for (const type of ['open', 'cookie', 'reload']) expect((await after.next())?.type).to.equal(type);
      await page.call('cart');
      expect((await after.next())?.data['html']).to.equal('<p id="cart">{"cart":1}</p>');
      after.leave();
    });

    it('reaches the other tabs of the session too, after their streams have ended', async () => {
      const other = page.duplicate();
      const before = await other.connect();
      await before.next();
      await page.call('all');
      expect((await before.next())?.type).to.equal('end');
      const after = await other.connect();
      expect([(await after.next())?.type, (await after.next())?.type]).to.deep.equal(['open', 'reload']);
      after.leave();
    });

    describe('defects of Weave', () => {
      it('the sid rotates at sign-in, and the old one opens nothing', async () => {
        const old = await cookieNow('weave-sid');
        const answer = await page.call('sign-in');
        expect(namesOf(answer.headers['set-cookie'])).to.deep.equal(['weave-auth', 'weave-csrf', 'weave-sid']);
        expect(await cookieNow('weave-sid')).not.to.equal(old);
        const attacker = new WeavePage(page.port);
        await attacker.browser.plant(`weave-sid=${old}; Path=/`);
        expect(await attacker.load()).to.equal(null);
      });

      it('the CSRF token changes at sign-in, and the old one is refused', async () => {
        const old = await cookieNow('weave-csrf');
        await page.call('sign-in');
        expect(await cookieNow('weave-csrf')).not.to.equal(old);
        expect((await page.post('/h/cart', { 'x-csrf-token': old })).status).to.equal(403);
      });

      it('the auth cookie expires, is HttpOnly, and belongs to the session', async () => {
        const answer = await page.call('sign-in');
        const line = answer.headers['set-cookie']?.find((one) => one.startsWith('weave-auth=')) ?? '';
        expect(line)
          .to.match(/; HttpOnly/)
          .and.to.match(/; SameSite=Lax/);
        const identity = verifier.verify(await cookieNow('weave-auth'));
        expect(identity.uid).to.equal('Weave');
        expect(identity.expires - Date.now()).to.be.within(1, 300_000);
        await page.call('cart');
        expect(await live.sessionActivities()).to.have.property(identity.lineage);
      });

      it('the auth cookie alone signs nobody in', async () => {
        await page.call('sign-in');
        const thief = new WeavePage(page.port);
        await thief.browser.plant(`weave-auth=${await cookieNow('weave-auth')}; Path=/`);
        expect(await thief.load()).to.equal(null);
      });
    });
  });
}
