import { expect } from 'chai';
import { MemoryStore, SessionHeadSent, type SessionModel, StoreUnavailable } from '../../src/index.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { nextTurn } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { callUntyped } from '../support/sessions.js';
import { type ShopSession, sourceModes } from '../support/shop.js';
import { warningsDuring } from '../support/token-fixtures.js';
import { type Carried, Site, type SiteOptions } from '../support/visits.js';

const DAY = 86_400_000;

/** What needs a new cookie or header. */
const CREDENTIAL: readonly [string, unknown[]][] = [
  ['setUser', ['u9']],
  ['setUser', [null]],
  ['rotate', []],
  ['setLifetime', [{ idleTimeout: DAY }]],
  ['forceInvalidate', ['AllSessionIdsOfLoggedUser']],
];

/** A request, its session changed by `late` after the head was sent, until its response is over. */
async function answered(site: Site, carried: Carried, early: (session: ShopSession) => void = () => undefined) {
  const opened = await site.open(carried);
  early(opened.session);
  await opened.commit();
  return {
    session: opened.session,
    finish: async () => {
      opened.exchange.finish();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    },
  };
}

for (const mode of sourceModes) {
  const isToken = mode !== 'server-side';

  describe(`After the head of a response was sent, a session from a ${mode} source`, () => {
    const siteWith = async (options: SiteOptions = {}) => {
      const site = new Site({ mode, ...options });
      return { site, cookie: await site.issue({ count: 1 }, 'u1') };
    };
    const dataOf = async (site: Site, cookie: string) => (await site.open({ cookie })).session.sessionData;

    for (const [method, args] of CREDENTIAL) {
      it(`refuses ${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')}), and stays as it was`, async () => {
        const { site, cookie } = await siteWith();
        const { session, finish } = await answered(site, { cookie });
        const before = [session.id, session.uid, session.getExpiry()];
        const error = await errorOf(() => callUntyped(session, method, ...args), SessionHeadSent);
        expect(error).to.include({ code: 'ERR_SESSION_HEAD_SENT', status: 500 });
        expect(error.message).to.match(new RegExp(`^${method}: `));
        expect([session.id, session.uid, session.getExpiry()]).to.deep.equal(before);
        await finish();
        expect((await site.open({ cookie })).session.uid).to.equal('u1');
        expect(site.toldNames).to.deep.equal([]);
      });
    }

    it(`${isToken ? 'refuses' : 'saves'} assignments, save and update`, async () => {
      const { site, cookie } = await siteWith();
      const writes: ((session: ShopSession) => unknown)[] = [
        (session) => {
          session.sessionData = { count: 2 };
        },
        (session) => session.set('sessionData', { count: 2 }),
        (session) =>
          session.update((data) => {
            data.count = 2;
          }),
        (session) => {
          session.userData = { name: 'Ada' };
        },
        (session) => {
          session.info = { device: 'x' };
        },
        (session) => session.save(),
      ];
      for (const write of writes) {
        const { session, finish } = await answered(site, { cookie });
        if (isToken) expect(await errorOf(async () => write(session)), String(write)).to.be.instanceOf(SessionHeadSent);
        else await write(session);
        await finish();
      }
      const { session } = await site.open({ cookie });
      expect([session.sessionData, session.userData, session.info]).to.deep.equal(
        isToken ? [{ count: 1 }, {}, {}] : [{ count: 2 }, { name: 'Ada' }, { device: 'x' }],
      );
      expect(site.toldNames).not.to.include('lost-write');
    });

    it(`${isToken ? 'reports' : 'saves'} a change inside sessionData when the response is over`, async () => {
      for (const isReadBefore of [true, false]) {
        const { site, cookie } = await siteWith();
        const { session, finish } = await answered(site, { cookie }, (early) => isReadBefore && early.sessionData);
        session.sessionData.count = 2;
        await finish();
        expect(await dataOf(site, cookie)).to.deep.equal({ count: isToken ? 1 : 2 });
        const lost = { id: session.id, lineage: session.lineage, uid: 'u1', code: 'ERR_SESSION_HEAD_SENT' };
        expect(site.told.filter(([name]) => name === 'lost-write')).to.deep.equal(
          isToken ? [['lost-write', lost]] : [],
        );
      }
    });

    it('tells of each later change again, and saves it', async () => {
      const { site, cookie } = await siteWith();
      const { session, finish } = await answered(site, { cookie });
      for (const count of [2, 3]) {
        session.sessionData.count = count;
        await finish();
      }
      expect(await dataOf(site, cookie)).to.deep.equal({ count: isToken ? 1 : 3 });
      expect(site.toldNames.filter((name) => name === 'lost-write')).to.have.length(isToken ? 2 : 0);
    });

    it('says nothing when nothing changed since', async () => {
      const { site, cookie } = await siteWith();
      const { session, finish } = await answered(site, { cookie }, (early) => early.set('sessionData', { count: 5 }));
      expect(session.sessionData).to.deep.equal({ count: 5 });
      expect(session.get('userData')).to.deep.equal({});
      await finish();
      expect(site.toldNames).not.to.include('lost-write');
    });

    it('ends at once when it is revoked, wherever else its credential is', async () => {
      const { site, cookie } = await siteWith();
      const { session, finish } = await answered(site, { cookie });
      session.revoke();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      expect((await site.open({ cookie })).session.uid).to.equal(undefined);
      expect(site.toldNames).to.include('ended').and.not.include('lost-write');
      await finish();
      expect(site.toldNames.filter((name) => name === 'ended')).to.have.length(1);
    });

    it('refuses what its client would have to be sent when it is new', async () => {
      const site = new Site({ mode });
      const { session, finish } = await answered(site, {});
      expect(await errorOf(() => session.set('sessionData', { count: 1 }))).to.be.instanceOf(SessionHeadSent);
      session.sessionData.count = 1;
      await finish();
      expect(site.toldNames).to.deep.equal(['lost-write']);
    });

    it('loses nothing of what was changed while it was being committed', async () => {
      const { site, cookie } = await siteWith();
      const opened = await site.open({ cookie });
      opened.session.sessionData.count = 2;
      const committing = opened.commit();
      opened.session.sessionData.text = 'late';
      expect(await errorOf(() => opened.session.setUser('u9'))).to.be.instanceOf(SessionHeadSent);
      const { cookie: sent } = mode === 'server-side' ? { cookie: undefined } : await committing;
      await committing;
      opened.exchange.finish();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      const data = await dataOf(site, sent?.value ?? cookie);
      const isSaved = data.text === 'late';
      expect(isSaved || site.toldNames.includes('lost-write')).to.equal(true);
      expect(data.count).to.equal(2);
    });
  });

  describe(`A request of a ${mode} source whose response is never sent`, () => {
    it(`${isToken ? 'reports' : 'saves'} what it changed, when its connection closes`, async () => {
      const site = new Site({ mode });
      const cookie = await site.issue({ count: 1 }, 'u1');
      const { session, exchange } = await site.open({ cookie });
      session.sessionData.count = 2;
      exchange.finish();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      expect((await site.open({ cookie })).session.sessionData).to.deep.equal({ count: isToken ? 1 : 2 });
      expect(site.toldNames.includes('lost-write')).to.equal(isToken);
    });

    it('is still signed out when it revoked its session', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue({ count: 1 }, 'u1');
      const { session, exchange } = await site.open({ cookie });
      session.revoke();
      exchange.finish();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      expect((await site.open({ cookie })).session.uid).to.equal(undefined);
    });

    it('neither rotates nor signs in: its client would be signed out', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue({ count: 1 }, 'u1');
      for (const change of [
        (session: SessionModel) => session.rotate(),
        (session: SessionModel) => session.setUser('u2'),
      ]) {
        const { session, exchange } = await site.open({ cookie });
        Reflect.apply(change, undefined, [session]);
        exchange.finish();
        for (let turn = 0; turn < 10; turn += 1) await nextTurn();
        expect((await site.open({ cookie })).session.uid).to.equal('u1');
      }
      expect(site.toldNames).to.deep.equal(['lost-write', 'lost-write']);
    });

    it('is committed as usual when it answers a client that has gone', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue({ count: 1 }, 'u1');
      const opened = await site.open({ cookie });
      opened.session.get('sessionData');
      opened.exchange.finish();
      opened.session.setUser('u2');
      await opened.commit();
      expect(site.toldNames).to.include('rotated');
    });
  });
}

describe('A session in a token without revocations', () => {
  it('refuses revoke after the head, which could end nothing', async () => {
    const site = new Site({ mode: 'synchronous', revocations: undefined });
    const { session } = await answered(site, { cookie: await site.issue({}, 'u1') });
    const error = await errorOf(() => session.revoke(), SessionHeadSent);
    expect(error.message).to.include('revocations: new RevocationList()');
    expect(session.isEnded).to.equal(false);
  });
});

describe('A session in a store that fails after the response', () => {
  it('reports the code of the error, and warns once of each', async () => {
    const store = new FaultyStore(new MemoryStore());
    const site = new Site({ mode: 'server-side', store });
    const cookie = await site.issue({ count: 1 }, 'u1');
    const lose = async () => {
      const { session, finish } = await answered(site, { cookie });
      session.sessionData.count = 2;
      store.disconnect('rejects');
      await finish();
      store.heal();
    };
    const warnings = await warningsDuring(lose);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_LOST_WRITE']);
    expect(warnings[0]?.message).to.include('ERR_SESSION_STORE_UNAVAILABLE');
    expect(await warningsDuring(lose)).to.deep.equal([]);
    const lost = site.told
      .filter(([name]) => name === 'lost-write')
      .map(([, event]) => Reflect.get(Object(event), 'code'));
    expect(lost).to.deep.equal(['ERR_SESSION_STORE_UNAVAILABLE', 'ERR_SESSION_STORE_UNAVAILABLE']);
  });

  it('is not tried again for what failed before the head, and was told as an error', async () => {
    const store = new FaultyStore(new MemoryStore());
    const site = new Site({ mode: 'server-side', store });
    const cookie = await site.issue({ count: 1 }, 'u1');
    const opened = await site.open({ cookie });
    opened.session.sessionData.count = 2;
    store.disconnect('rejects');
    await errorOf(() => opened.commit(), StoreUnavailable);
    store.heal();
    opened.exchange.finish();
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    expect((await site.open({ cookie })).session.sessionData).to.deep.equal({ count: 1 });
    expect(site.toldNames).not.to.include('lost-write');
  });
});

for (const mode of sourceModes) {
  describe(`A request that nothing is sent for, from a ${mode} source`, () => {
    it('refuses a sign-in after the head, and reports what it changes then: two different cookies', async () => {
      const site = new Site({ mode });
      const cookie = [await site.issue({ count: 1 }, 'u1'), await site.issue({ count: 1 }, 'u2')];
      const { session, finish } = await answered(site, { cookie });
      await errorOf(() => session.setUser('u3'), SessionHeadSent);
      session.sessionData.count = 5;
      await finish();
      expect(site.toldNames).to.include('lost-write');
    });

    it("reports the loss of a session that the application assigned, when the client is gone: create: 'never'", async () => {
      const site = new Site({ mode, create: 'never' });
      const { visit, exchange } = await site.open();
      site.lifecycle.adopt(visit, (await site.storage.create()).setUser('u1'));
      exchange.finish();
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
      expect(site.toldNames).to.include('lost-write');
    });
  });
}
