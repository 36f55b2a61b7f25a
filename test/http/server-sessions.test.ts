import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryStore, type SessionRecord, StoreUnavailable } from '../../src/index.js';
import { idOf } from '../../src/storage/server/sid.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { type FakeTime, fakeTime } from '../support/fake-time.js';
import { errorOf } from '../support/outcomes.js';
import type { ShopSession } from '../support/shop.js';
import { NOW } from '../support/token-fixtures.js';
import { type Carried, Site, type SiteOptions } from '../support/visits.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GRACE = 10_000;
const UNKNOWN = 'A'.repeat(24);

type Handle = (session: ShopSession) => unknown;

const look: Handle = () => undefined;
const put: Handle = (session) => {
  session.sessionData.count = 2;
};
const putText: Handle = (session) => {
  session.sessionData.text = 'tea';
};
const signIn: Handle = (session) => session.setUser('u1');
const signOut: Handle = (session) => session.revoke();
const rotate: Handle = (session) => session.rotate();

/** A lifecycle over a store that notes what it is asked, and fails on demand. */
function siteOf(options: SiteOptions = {}) {
  const store = new FaultyStore(new MemoryStore());
  const shop = new Site({ mode: 'server-side', store, ...options });
  const ask = (carried: Carried, handle: Handle) => shop.ask(carried, (session) => void handle(session));
  return {
    shop,
    store,
    ask,
    operations: () => store.calls.map(({ operation }) => operation),
    /** What the store has of a sid. */
    recordOf: async (sid: string): Promise<SessionRecord> => {
      const found = await store.load(idOf(sid), shop.clock.now());
      if (found === undefined || 'retired' in found) throw new Error('no session');
      return found;
    },
    retiredOf: async (sid: string) => {
      const found = await store.load(idOf(sid), shop.clock.now());
      return found !== undefined && 'retired' in found ? found.retired : undefined;
    },
  };
}

describe('Lifecycle over a store', () => {
  describe('asks it', () => {
    const costs: readonly [what: string, carried: Carried | 'held', handle: Handle, operations: readonly string[]][] = [
      ['nothing for a visitor who only looks', {}, look, []],
      ['nothing for sids in no shape', { cookie: ['junk', 'a.b.c', 'x'.repeat(25)] }, look, []],
      ['nothing for OPTIONS', { method: 'OPTIONS', cookie: UNKNOWN }, put, []],
      ['once about a sid that opens nothing', { cookie: UNKNOWN }, look, ['load']],
      ['once about a session that is only looked at', 'held', look, ['load']],
      ['once more where something changed', 'held', put, ['load', 'update']],
      ['to create what is put in a new session', {}, put, ['create']],
      ['to create the session of somebody who signs in', {}, signIn, ['create']],
      ['for a new record and a tombstone where somebody signs in', 'held', signIn, ['load', 'create', 'retire']],
      ['for a new record and a tombstone where an id is rotated', 'held', rotate, ['load', 'create', 'retire']],
      [
        'for a tombstone of who signs out, wherever the session is by then',
        'held',
        signOut,
        ['load', 'load', 'retire'],
      ],
    ];
    for (const [what, carried, handle, operations] of costs) {
      it(what, async () => {
        const site = siteOf();
        const sid = await site.shop.issue({ count: 1 });
        site.store.forgetCalls();
        await site.ask(carried === 'held' ? { cookie: sid } : carried, handle);
        expect(site.operations()).to.deep.equal(operations);
      });
    }

    it('to touch once the last access is older than the resolution, and not a moment sooner', async () => {
      const site = siteOf({ timeoutResolution: MINUTE });
      const cookie = await site.shop.issue({ count: 1 });
      site.store.forgetCalls();
      for (const [wait, handle, operations] of [
        [MINUTE - 1, look, ['load']],
        [1, look, ['load', 'touch']],
        [MINUTE, put, ['load', 'update']],
        [1, look, ['load']],
      ] as const) {
        site.shop.pass(wait);
        await site.ask({ cookie }, handle);
        expect(site.operations()).to.deep.equal(operations);
        site.store.forgetCalls();
      }
    });

    it('for no touch by passive requests, however late', async () => {
      const site = siteOf();
      const cookie = await site.shop.issue({ count: 1 });
      site.store.forgetCalls();
      site.shop.pass(HOUR);
      await site.ask({ cookie, passive: true }, look);
      expect(site.operations()).to.deep.equal(['load']);
    });

    it('nothing for robots, who come without a sid and keep none', async () => {
      for (const create of ['lazy', 'never'] as const) {
        const site = siteOf({ create });
        for (let i = 0; i < 100; i += 1) {
          const opened = await site.shop.open();
          opened.visit.isRead = true;
          await opened.commit();
        }
        expect(site.operations()).to.deep.equal([]);
      }
    });

    it("once for each visitor with create 'eager', and never for pages of other sites", async () => {
      const site = siteOf({ create: 'eager' });
      const { cookie } = await site.ask({}, look);
      expect(site.operations()).to.deep.equal(['create']);
      expect((await site.recordOf(cookie.value)).uid).to.equal(null);
    });
  });

  describe('the cookie', () => {
    it('lives as long as the record, whatever happens (property)', async () => {
      const steps = fc.array(
        fc.oneof(
          fc.record({ wait: fc.integer({ min: 0, max: 40 * MINUTE }) }),
          fc.record({ handle: fc.constantFrom(look, put, putText, signIn, rotate), passive: fc.boolean() }),
          fc.record({ life: fc.integer({ min: 1, max: 90 }) }),
        ),
        { maxLength: 30 },
      );
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const { shop, recordOf, ask } = siteOf({ timeToLive: HOUR, absoluteTimeout: 3 * HOUR });
          const { cookie: first } = await ask({}, put);
          let held = { value: first.value, expires: Number(first.expires) };
          let end = Number((await recordOf(held.value)).expiresAt);
          for (const step of all) {
            if ('wait' in step) shop.pass(step.wait);
            // The cookie lives up to a second longer, because it is in whole seconds.
            if (end <= shop.clock.now()) break;
            const handle: Handle =
              'life' in step ? (session) => session.setLifetime({ idleTimeout: step.life * MINUTE }) : look;
            const { cookies } = await ask(
              { cookie: held.value, passive: 'passive' in step && step.passive },
              'handle' in step ? step.handle : handle,
            );
            const [set] = cookies;
            if (set !== undefined) held = { value: set.value, expires: Number(set.expires) };
            end = Number((await recordOf(held.value)).expiresAt);
            expect(held.expires).to.equal(Math.ceil(end / 1000) * 1000);
          }
        }),
        { numRuns: 100 },
      );
    });

    it('slides with every touch, keeping its sid', async () => {
      const { shop, ask, recordOf } = siteOf({ timeToLive: HOUR });
      const sid = await shop.issue({ count: 1 });
      for (let i = 1; i <= 5; i += 1) {
        shop.pass(30 * MINUTE);
        const { cookie } = await ask({ cookie: sid }, look);
        expect([cookie.value, cookie.maxAge]).to.deep.equal([sid, HOUR / 1000]);
        expect((await recordOf(sid)).expiresAt).to.equal(NOW + i * 30 * MINUTE + HOUR);
      }
    });

    it('is not sent again where its end does not move', async () => {
      const { shop, ask } = siteOf({ timeToLive: HOUR, absoluteTimeout: HOUR });
      const cookie = await shop.issue({ count: 1 });
      shop.pass(30 * MINUTE);
      expect((await ask({ cookie }, put)).headerNames).to.deep.equal([]);
    });
  });

  describe('by header', () => {
    it('opens, renews, rotates and ends a session', async () => {
      const { shop, ask, recordOf, retiredOf } = siteOf({ cookie: false, header: true });
      const first = String((await ask({}, put)).header);
      expect((await recordOf(first)).uid).to.equal(null);
      shop.pass(HOUR);
      expect((await ask({ header: first }, look)).header, 'renewed').to.equal(first);
      const second = String((await ask({ header: first }, signIn)).header);
      expect(second).not.to.equal(first);
      expect((await recordOf(second)).uid).to.equal('u1');
      expect((await ask({ header: second }, signOut)).header).to.equal('');
      expect((await retiredOf(second))?.reason).to.equal('revoked');
    });
  });

  describe('sessions that the application makes', () => {
    it("are stored by create, and sent once they are assigned, with create 'never'", async () => {
      const { shop, store, recordOf } = siteOf({ create: 'never' });
      const opened = await shop.open();
      const made = await shop.storage.create({ count: 1 });
      shop.lifecycle.adopt(opened.visit, made);
      made.setUser('u1');
      const { cookie } = await opened.commit();
      expect(await recordOf(cookie.value)).to.include({ id: made.id, uid: 'u1' });
      expect((await store.ofUser('u1', NOW)).length).to.equal(1);
    });
  });

  it('leaves no data under an id that was replaced or ended', async () => {
    const { shop, ask, retiredOf } = siteOf();
    const visitor = await shop.issue({ text: 'private' });
    const { cookie } = await ask({ cookie: visitor }, signIn);
    expect(await retiredOf(visitor)).to.deep.equal({ successor: null, at: NOW });
    const { cookie: renewed } = await ask({ cookie: cookie.value }, rotate);
    expect(await retiredOf(cookie.value)).to.deep.equal({ successor: idOf(renewed.value), at: NOW });
    await ask({ cookie: renewed.value }, signOut);
    expect(await retiredOf(renewed.value)).to.deep.equal({ successor: null, at: NOW, reason: 'revoked' });
  });

  describe('when two requests of one browser meet in the store', () => {
    it('keeps what one writes while the other signs in', async () => {
      const { shop, store, ask } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      const gate = store.hold('retire');
      const signingIn = ask({ cookie }, signIn);
      await gate.reached;
      await ask({ cookie }, putText);
      gate.release();
      const session = await shop.storage.get((await signingIn).cookie.value);
      expect([session.uid, session.sessionData]).to.deep.equal(['u1', { count: 1, text: 'tea' }]);
    });

    it('merges what both write, key by key', async () => {
      const { shop } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      const [one, other] = [await shop.open({ cookie }), await shop.open({ cookie })];
      put(one.session);
      putText(other.session);
      await Promise.all([one.commit(), other.commit()]);
      expect((await shop.storage.get(cookie)).sessionData).to.deep.equal({ count: 2, text: 'tea' });
    });

    it('keeps the writes of all, and one successor, when ten rotate at once', async () => {
      const { shop } = siteOf();
      const cookie = await shop.issue({}, 'u1');
      const all = await Promise.all(Array.from({ length: 10 }, () => shop.open({ cookie })));
      all.forEach(({ session }, i) => {
        session.rotate();
        Reflect.set(session.sessionData, `key-${i}`, i);
      });
      const answers = await Promise.all(all.map((one) => one.commit()));
      const issued = answers.flatMap(({ cookies }) => cookies);
      expect(issued).to.have.length(1);
      const { sessionData } = await shop.storage.get(issued[0]?.value);
      expect(Object.keys(sessionData).sort()).to.deep.equal(Array.from({ length: 10 }, (_, i) => `key-${i}`));
    });

    for (const [late, handle] of [
      ['write', put],
      ['rotation', rotate],
      ['sign-in', signIn],
    ] as const) {
      it(`stores nothing of a ${late} that was on its way to the store as the user signed out`, async () => {
        const { shop, store, ask, retiredOf } = siteOf();
        const cookie = await shop.issue({ count: 1 }, 'u0');
        const gate = store.hold(late === 'write' ? 'update' : 'create', late === 'write' ? 'before' : 'after');
        const writing = ask({ cookie }, handle);
        await gate.reached;
        const answer = await ask({ cookie }, signOut);
        expect(answer.cookie.value).to.equal('');
        gate.release();
        expect((await writing).headerNames).to.deep.equal([]);
        expect(shop.toldNames).to.deep.equal(['ended', 'cleared', 'refused-late-save']);
        expect((await retiredOf(cookie))?.reason).to.equal('revoked');
        for (const uid of ['u0', 'u1']) expect(await store.ofUser(uid, NOW)).to.deep.equal([]);
      });
    }

    it('stores nothing of a write that comes after a sign-in', async () => {
      const { shop, ask } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      const late = await shop.open({ cookie });
      put(late.session);
      const fresh = (await ask({ cookie }, signIn)).cookie.value;
      expect((await late.commit()).headerNames).to.deep.equal([]);
      expect((await shop.storage.get(fresh)).sessionData).to.deep.equal({ count: 1 });
      expect(shop.toldNames.at(-1)).to.equal('refused-late-save');
    });

    it('has one winner when two sign in as different users, and no session of the other', async () => {
      const { shop, store } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      const both = [await shop.open({ cookie }), await shop.open({ cookie })];
      both[0]?.session.setUser('u1');
      both[1]?.session.setUser('u2');
      const answers = await Promise.all(both.map((one) => one.commit()));
      const issued = answers.flatMap(({ cookies }) => cookies);
      expect(issued).to.have.length(1);
      const { uid = '' } = await shop.storage.get(issued[0]?.value);
      const [won, lost] = await Promise.all([uid, uid === 'u1' ? 'u2' : 'u1'].map((one) => store.ofUser(one, NOW)));
      expect([won?.length, lost?.length]).to.deep.equal([1, 0]);
    });

    it('signs a user out whose sessions are all ended at that moment', async () => {
      const { shop, store, ask } = siteOf();
      const cookie = await shop.issue({}, 'u1');
      const gate = store.hold('retire');
      const signingOut = ask({ cookie }, signOut);
      await gate.reached;
      await shop.storage.revoke({ uid: 'u1' });
      gate.release();
      expect((await signingOut).cookie.value, 'signed out all the same').to.equal('');
      expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
    });
  });

  describe('save() before the response', () => {
    it('is seen by the next request, and not written again at the end', async () => {
      const { shop, store, operations } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      const opened = await shop.open({ cookie });
      put(opened.session);
      await opened.session.save();
      expect((await shop.open({ cookie })).session.sessionData.count).to.equal(2);
      store.forgetCalls();
      await opened.commit();
      expect(operations()).to.deep.equal([]);
    });

    it('keeps what comes after it for the end', async () => {
      const { shop } = siteOf();
      const opened = await shop.open();
      put(opened.session);
      await opened.session.save();
      putText(opened.session);
      const { cookie } = await opened.commit();
      expect((await shop.storage.get(cookie.value)).sessionData).to.deep.equal({ count: 2, text: 'tea' });
    });

    it('gives the new sid at the end when it rotated', async () => {
      const { shop, recordOf, retiredOf } = siteOf();
      const old = await shop.issue({ count: 1 });
      const opened = await shop.open({ cookie: old });
      signIn(opened.session);
      await opened.session.save();
      expect(await retiredOf(old)).to.include({ successor: null });
      const { cookie } = await opened.commit();
      expect((await recordOf(cookie.value)).uid).to.equal('u1');
    });
  });

  describe('over a store that is down', () => {
    const calls: readonly [what: string, operation: 'load' | 'update' | 'create' | 'retire', handle: Handle][] = [
      ['open', 'load', look],
      ['save', 'update', put],
      ['sign in', 'create', signIn],
      ['sign in', 'retire', signIn],
      ['sign out', 'retire', signOut],
    ];
    for (const [what, operation, handle] of calls) {
      it(`cannot ${what} while ${operation} fails, sends and clears nothing, and can again afterwards`, async () => {
        const { shop, store, ask } = siteOf();
        const cookie = await shop.issue({ count: 1 }, 'u0');
        store.fail(operation);
        for (let tries = 0; tries < 3; tries += 1) {
          const failure = await errorOf(async () => {
            const opened = await shop.open({ cookie });
            handle(opened.session);
            await opened.commit().finally(() => expect(opened.exchange.responseHeaders.size).to.equal(0));
          });
          expect(failure).to.be.instanceOf(StoreUnavailable).and.include({ status: 503 });
        }
        store.heal();
        expect((await shop.open({ cookie })).session).to.include({ uid: 'u0' });
        await ask({ cookie }, handle);
        expect((await shop.open({ cookie })).session.uid).to.equal(
          handle === look || handle === put ? 'u0' : undefined,
        );
      });
    }

    it('still serves those who have no sid, and need none', async () => {
      const { store, ask } = siteOf();
      store.disconnect();
      expect((await ask({}, look)).headerNames).to.deep.equal([]);
      expect((await ask({ cookie: 'junk' }, look)).headerNames).to.deep.equal([]);
    });

    it('does not say whether a write happened whose answer was lost, and goes on from what did', async () => {
      const { shop, store, ask } = siteOf();
      const cookie = await shop.issue({ count: 1 });
      store.fail('update', { when: 'after', times: 1 });
      expect(await errorOf(() => ask({ cookie }, put))).to.be.instanceOf(StoreUnavailable);
      expect((await shop.open({ cookie })).session.sessionData.count).to.equal(2);
      await ask({ cookie }, putText);
      expect((await shop.storage.get(cookie)).sessionData).to.deep.equal({ count: 2, text: 'tea' });
    });

    it('leaves a session open within the grace when the answer to its rotation was lost', async () => {
      const { shop, store, ask } = siteOf();
      const cookie = await shop.issue({ count: 1 }, 'u0');
      store.fail('retire', { when: 'after', times: 1 });
      expect(await errorOf(() => ask({ cookie }, rotate))).to.be.instanceOf(StoreUnavailable);
      shop.pass(GRACE - 1);
      expect((await shop.open({ cookie })).session.uid).to.equal('u0');
    });
  });

  describe('over a store that hangs', () => {
    let time: FakeTime;
    beforeEach(() => {
      time = fakeTime(NOW);
    });
    afterEach(() => time.restore());

    for (const [what, operation, handle] of [
      ['opening', 'load', look],
      ['saving', 'update', put],
      ['signing in', 'create', signIn],
      ['signing out', 'retire', signOut],
    ] as const) {
      it(`gives up ${what} at the deadline, and works again as soon as the store does`, async () => {
        const { shop, store, ask } = siteOf();
        const cookie = await shop.issue({ count: 1 }, 'u0');
        const gate = store.hold(operation);
        let isOver = false;
        const failing = errorOf(() => ask({ cookie }, handle)).finally(() => {
          isOver = true;
        });
        await gate.reached;
        // Opening the session took some of it, by the real clock.
        await time.pass(1_900);
        expect(isOver).to.equal(false);
        await time.pass(100);
        expect(await failing)
          .to.be.instanceOf(StoreUnavailable)
          .and.include({ status: 503 });
        gate.release();
        expect((await shop.open({ cookie })).session.sessionData.count).to.be.a('number');
        await shop.storage.close();
        expect(time.timers, 'no timer is left behind').to.equal(0);
      });
    }
  });
});
