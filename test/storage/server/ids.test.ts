import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { MemoryStore, RevocationList } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { openingOf } from '../../support/outcomes.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

describe('The sid of a server-side session', () => {
  it('has 24 characters of base64url, 144 bits, and is no UUID (row 1)', async () => {
    const { storage } = serverBench();
    for (let i = 0; i < 100; i += 1) expect(storage.blank().forClient()).to.match(/^[A-Za-z0-9_-]{24}$/);
  });

  it('is another each time, each of its bits set half the time (row 1)', () => {
    const { storage } = serverBench();
    const count = 20_000;
    const sids = new Set<string>();
    const ones = new Array<number>(144).fill(0);
    for (let i = 0; i < count; i += 1) {
      const sid = storage.blank().forClient();
      sids.add(sid);
      const bytes = Buffer.from(sid, 'base64url');
      for (let bit = 0; bit < 144; bit += 1) ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    expect(sids.size).to.equal(count);
    // Eight standard deviations: never by chance, always for a bit that stands still.
    const margin = 8 * Math.sqrt(count / 4);
    for (const set of ones) expect(set).to.be.within(count / 2 - margin, count / 2 + margin);
  });

  it('is known to the store by its SHA-256 digest alone, which is session.id', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    const digest = createHash('sha256').update(session.forClient()).digest('base64url');
    expect(session.id).to.equal(digest);
    expect(session.lineage).to.equal(digest);
  });

  it('is never replaced by the id: what the store knows it by opens nothing (row 4)', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    expect(await openingOf(storage, session.id)).to.equal('malformed');
    expect(await openingOf(storage, session.id.slice(0, 24))).to.equal('unknown');
    expect(await openingOf(storage, session.lineage)).to.equal('malformed');
  });

  it('is new, and unlike the one before, with each change of id', async () => {
    const { storage } = serverBench();
    const session = await storage.create();
    const sids = [session.forClient()];
    for (const change of [
      () => session.rotate(),
      () => session.setUser('u1'),
      () => session.setUser('u1'),
      () => session.setUser('u2'),
      () => session.setUser(null),
      () => session.forceInvalidate('CurrentSessionId'),
    ]) {
      change();
      sids.push(await issuedBy(storage.commit(session)));
    }
    await session.regenerate();
    sids.push(session.forClient());
    expect(new Set(sids).size).to.equal(8);
  });
});

describe('What the store is given', () => {
  it('never has a sid in it, whatever is done to sessions, and neither has the revocation log (row 4)', async () => {
    const memory = new MemoryStore();
    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const store = new FaultyStore(memory);
    const { clock, storage } = faultyBench({ store, revocations, authKey: 'passport.user', maxSessionsPerUser: 3 });
    await storage.ready();
    const sids = new Set<string>();
    const note = (sid: string): string => {
      sids.add(sid);
      return sid;
    };

    const session = await storage.create({ a: 1 });
    note(session.forClient());
    await storage.commit(session);
    clock.advance(700_000);
    const opened = await storage.get(session.forClient());
    await storage.commit(opened);
    opened.setUser('u1', { name: 'Ada' }).info = { device: 'd' };
    note(await issuedBy(storage.commit(opened)));
    const again = await storage.get(opened.forClient());
    const late = await storage.get(opened.forClient());
    await again.rotate().save();
    note(again.forClient());
    await again.update((data) => {
      data['more'] = true;
    });
    note(late.rotate().forClient());
    late.sessionData['late'] = true;
    await storage.commit(late);
    note(await issuedBy(storage.commit(again.forceInvalidate('AllSessionIdsOfLoggedUser'))));
    await again.regenerate();
    note(again.forClient());
    await again.save();
    for (let count = 0; count < 5; count += 1) {
      clock.advance(1);
      note(await heldSid(storage, { count }, 'u2'));
    }
    clock.advance(1);
    await storage.revoke({ sid: note(await heldSid(storage, {}, 'u2')) });
    clock.advance(1);
    await storage.revoke(await storage.get(note(await heldSid(storage, {}, 'u2'))));
    const mine = await storage.get(note(await heldSid(storage, {}, 'u3')));
    await storage.check(mine);
    await storage.update(mine, (data) => {
      data['told'] = true;
    });
    await storage.listOfUser('u3', { current: mine });
    await storage.revoke({ uid: 'u3', except: mine });
    await mine.destroy();
    await storage.sweep();
    await storage.revoke('everyone');
    await storage.health();
    await storage.close();

    expect(sids.size).to.be.above(12);
    const given = JSON.stringify([store.calls, log.entries]);
    expect(store.calls.length).to.be.above(30);
    for (const sid of sids) expect(given.includes(sid), 'a sid was found').to.equal(false);
    await revocations.close();
  });

  it('can be dumped without giving anybody a way in (row 4)', async () => {
    const { clock, store, storage } = serverBench();
    const sids = await Promise.all([1, 2, 3].map((n) => heldSid(storage, { n }, 'u1')));
    const dump = await store.ofUser('u1', clock.now());
    expect(dump.length).to.equal(3);
    const text = JSON.stringify(dump);
    for (const sid of sids) expect(text.includes(sid)).to.equal(false);
    for (const record of dump) {
      for (const part of [record.id, record.lineage, record.id.slice(0, 24), record.id.slice(-24)]) {
        expect(await openingOf(storage, part)).not.to.equal('opened');
      }
    }
  });
});
