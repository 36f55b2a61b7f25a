import { expect } from 'chai';
import {
  MemoryStore,
  type ServerSession,
  type ServerSessionStorage,
  SessionEnded,
  StoreUnavailable,
} from '../../src/index.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { kits } from '../support/kits.js';
import { errorOf } from '../support/outcomes.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';

for (const [where, kit] of kits) {
  describe(`A session ${where} that ends while a request has it`, () => {
    const opened = async () => {
      const { storage, clock } = kit({ idleTimeout: 60_000 });
      const sid = await heldSid(storage, {}, 'u1');
      return { storage, clock, sid, session: await storage.get(sid) };
    };

    it('is live before', async () => {
      const { session } = await opened();
      expect(session.isEnded).to.equal(false);
      expect(await session.confirm()).to.equal(session);
    });

    for (const [how, targetOf] of [
      ['by its sid', (sid: string) => ({ sid })],
      ['with all of its user', () => ({ uid: 'u1' })],
      ['with everyone', () => 'everyone' as const],
    ] as const) {
      it(`is ended at once when it is revoked ${how}`, async () => {
        const { storage, sid, session } = await opened();
        await storage.revoke(targetOf(sid));
        expect(session.isEnded).to.equal(true);
        expect(await errorOf(() => session.confirm())).to.be.instanceOf(SessionEnded);
      });
    }

    it('is not taken for another session of its user, or for one that signed in since', async () => {
      const { storage, sid, session } = await opened();
      const other = await storage.get(await heldSid(storage, {}, 'u1'));
      await storage.revoke({ sid });
      expect([session.isEnded, other.isEnded]).to.deep.equal([true, false]);
      await storage.revoke({ uid: 'u1' });
      const later = await storage.get(await heldSid(storage, {}, 'u1'));
      expect([other.isEnded, later.isEnded]).to.deep.equal([true, false]);
      await later.confirm();
    });

    it('is ended when its time is over', async () => {
      const { clock, session } = await opened();
      clock.advance(60_000);
      expect(session.isEnded).to.equal(true);
      expect((await errorOf(() => session.confirm(), SessionEnded)).message).to.include('expired');
    });

    it('is confirmed when it was only rotated', async () => {
      const { storage, sid, session } = await opened();
      await issuedBy(storage.commit((await storage.get(sid)).rotate()));
      await session.confirm();
    });

    it('is not confirmed after revoke of its own', async () => {
      const { session } = await opened();
      expect(await errorOf(() => session.revoke().confirm())).to.be.instanceOf(SessionEnded);
    });
  });
}

describe('Session.confirm in a store', () => {
  it('sees what other processes ended, in one round trip', async () => {
    const store = new FaultyStore(new MemoryStore());
    const [mine, theirs] = [serverBench({ store }).storage, serverBench({ store }).storage];
    const sid = await heldSid(mine, {}, 'u1');
    const session: ServerSession = await mine.get(sid);
    await theirs.revoke({ uid: 'u1' });
    expect(session.isEnded).to.equal(false);
    store.forgetCalls();
    expect(await errorOf(() => session.confirm())).to.be.instanceOf(SessionEnded);
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
    expect(session.isEnded).to.equal(true);
  });

  it('rejects when the store does not answer, and ends nothing', async () => {
    const store = new FaultyStore(new MemoryStore());
    const storage: ServerSessionStorage = serverBench({ store }).storage;
    const session = await storage.get(await heldSid(storage, {}, 'u1'));
    store.disconnect('rejects');
    expect(await errorOf(() => session.confirm())).to.be.instanceOf(StoreUnavailable);
    store.heal();
    await session.confirm();
  });

  it('is nothing to a session that is not stored yet', async () => {
    const session = serverBench().storage.blank();
    expect(await session.confirm()).to.equal(session);
  });
});
