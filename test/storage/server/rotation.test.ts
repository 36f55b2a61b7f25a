import { expect } from 'chai';
import { SessionEnded } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { rotated } from '../../support/kits.js';
import { errorOf, openingOf, openingsOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bodyOf, faultyBench, type PlainOptions, recordOf, tombstoneOf } from '../../support/server-outcomes.js';
import { heldSid } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const GRACE = 4_000;
const HOUR = 3_600_000;

function bench(options: PlainOptions = {}) {
  return faultyBench({ rotationGrace: GRACE, ...options });
}

describe('A rotation of a server-side session', () => {
  guardRejections();

  it('gives a new sid for the same session, with the new record stored before the old one is retired', async () => {
    const { storage, store } = bench();
    const sid = await heldSid(storage, { a: 1 }, 'u1');
    const session = await storage.get(sid);
    const { id, lineage, created } = session;
    const told = eventsOf(storage);
    store.forgetCalls();
    const renewed = await issuedBy(storage.commit(session.rotate()));
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['create', 'retire']);
    expect(told).to.deep.equal([['rotated', { id: session.id, lineage, uid: 'u1', previous: { id, lineage } }]]);
    const opened = await storage.get(renewed);
    expect([opened.lineage, opened.created, opened.uid, opened.sessionData]).to.deep.equal([
      lineage,
      created,
      'u1',
      { a: 1 },
    ]);
    expect(opened.id).to.equal(session.id).and.not.to.equal(id);
  });

  it('leaves a tombstone that leads to the successor and stays for the reuse window', async () => {
    const { storage, store } = bench({ reuseWindow: HOUR });
    const session = await storage.get(await heldSid(storage));
    const before = session.id;
    await storage.commit(session.rotate());
    expect(await tombstoneOf(store, before)).to.deep.equal({
      id: before,
      retired: { successor: session.id, at: NOW },
      expiresAt: NOW + HOUR,
    });
  });

  it('leaves one session in the list of the user’s', async () => {
    const { storage } = bench();
    const sid = await heldSid(storage, {}, 'u1');
    const renewed = await rotated(storage, sid);
    const list = await storage.listOfUser('u1');
    expect(list.map(({ id }) => id)).to.deep.equal([(await storage.get(renewed)).id]);
  });

  it('is carried out once at a commit, however often it was asked for', async () => {
    const { storage, store } = bench();
    const session = await storage.get(await heldSid(storage));
    store.forgetCalls();
    await storage.commit(session.rotate().rotate().rotate());
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['create', 'retire']);
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });

  it('of a session that was never stored needs no second record', async () => {
    const { storage, store } = bench();
    const session = storage.blank().rotate();
    session.sessionData['a'] = 1;
    const sid = await issuedBy(storage.commit(session));
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['create']);
    expect(await openingOf(storage, sid)).to.equal('opened');
  });
});

describe('A replaced sid within the grace: the alias', () => {
  guardRejections();

  it('is given no credential, neither by commit nor by forClient', async () => {
    const { clock, storage } = bench();
    const before = await heldSid(storage);
    await rotated(storage, before);
    const alias = await storage.get(before);
    expect(() => alias.forClient()).to.throw(SessionEnded, 'superseded');
    expect(await storage.commit(alias)).to.deep.equal({ outcome: 'withheld' });
    clock.advance(1);
    const changed = await storage.get(before);
    changed.sessionData['a'] = 1;
    expect(await storage.commit(changed)).to.deep.equal({ outcome: 'withheld' });
    expect(() => changed.forClient()).to.throw(SessionEnded);
  });

  it('may merge its writes into the successor', async () => {
    const { storage } = bench();
    const before = await heldSid(storage, { a: 1 });
    const after = await rotated(storage, before);
    const alias = await storage.get(before);
    alias.sessionData['b'] = 2;
    const told = eventsOf(storage);
    await storage.commit(alias);
    expect(told.map(([name]) => name)).to.deep.equal(['saved']);
    expect((await storage.get(after)).sessionData).to.deep.equal({ a: 1, b: 2 });
    await (await storage.get(before)).update((data) => {
      data['c'] = 3;
    });
    expect((await storage.get(after)).sessionData).to.deep.equal({ a: 1, b: 2, c: 3 });
  });

  it('cannot rotate: its wish for another id is dropped, its data are kept', async () => {
    const { storage, store } = bench();
    const before = await heldSid(storage, { a: 1 });
    const after = await rotated(storage, before);
    const alias = await storage.get(before);
    alias.rotate().sessionData['b'] = 2;
    store.forgetCalls();
    expect(await outcomeOf(storage.commit(alias))).to.equal('withheld');
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['update']);
    expect((await storage.get(after)).sessionData).to.deep.equal({ a: 1, b: 2 });
    expect(() => alias.forClient()).to.throw(SessionEnded);
  });

  it('proves its user to nobody, who may not be the one that has the newer sid', async () => {
    const { clock, storage, store } = bench();
    const before = await heldSid(storage, {}, 'u1');
    const after = await rotated(storage, before);
    clock.advance(5);
    const alias = await storage.get(before);
    expect(await outcomeOf(storage.commit(alias.setUser('u1', { name: 'Ada' })))).to.equal('withheld');
    const opened = await storage.get(after);
    expect([opened.authenticatedAt, opened.userData]).to.deep.equal([NOW, { name: 'Ada' }]);
    expect(await bodyOf(store, opened.id), 'nor does it escape a revocation').not.to.have.property('since');
  });

  it('cannot change the user, which would take a credential: nothing is stored', async () => {
    const { storage, store } = bench();
    const before = await heldSid(storage, {}, 'u1');
    const after = await rotated(storage, before);
    for (const uid of ['u2', null]) {
      const alias = await storage.get(before);
      const told = eventsOf(storage, 'refused-late-save');
      alias.setUser(uid === null ? null : { _id: uid });
      store.forgetCalls();
      expect(await outcomeOf(storage.commit(alias))).to.equal('withheld');
      expect(store.calls).to.deep.equal([]);
      expect(told.length).to.equal(1);
      expect(await errorOf(() => alias.save())).to.be.instanceOf(SessionEnded);
    }
    expect((await storage.get(after)).uid).to.equal('u1');
  });

  it('keeps the session alive as any request does', async () => {
    const { clock, storage, store } = bench({ timeoutResolution: 0 });
    const before = await heldSid(storage);
    await rotated(storage, before);
    clock.advance(5);
    const alias = await storage.get(before);
    await storage.commit(alias);
    expect((await recordOf(store, alias.id)).lastAccess).to.equal(NOW + 5);
  });
});

describe('A chain of rotations', () => {
  it('is followed by revoke, check and update from any of its ids, as long as tombstones last', async () => {
    const { clock, storage } = bench({ reuseWindow: HOUR });
    const first = await storage.get(await heldSid(storage, {}, 'u1'));
    const ref = { id: first.id, lineage: first.lineage };
    let sid = first.forClient();
    for (let count = 0; count < 20; count += 1) {
      clock.advance(60_000);
      sid = await rotated(storage, sid);
    }
    expect(await storage.check(ref)).to.have.property('expires');
    await storage.update(ref, (data) => {
      data['told'] = true;
    });
    expect((await storage.get(sid)).sessionData).to.deep.equal({ told: true });
    expect(await storage.revoke(ref)).to.have.property('ended', 1);
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });
});

describe('A replaced sid after the grace', () => {
  it('is unknown once the reuse window is over', async () => {
    const { clock, storage } = bench({ reuseWindow: HOUR });
    const before = await heldSid(storage);
    const after = await rotated(storage, before);
    clock.advance(HOUR - 1);
    expect(await openingOf(storage, before)).to.equal('superseded');
    clock.advance(1);
    expect(await openingsOf(storage, before, after)).to.deep.equal(['unknown', 'opened']);
  });
});

describe('Requests that rotate one session at the same time (row 12)', () => {
  guardRejections();

  it('have one successor, which keeps what each of them wrote', async () => {
    const { clock, storage, store } = bench();
    const before = await heldSid(storage, {}, 'u1');
    const requests = await Promise.all(Array.from({ length: 10 }, () => storage.get(before)));
    const results = await Promise.all(
      requests.map((session, index) => {
        session.rotate().sessionData[`k${index}`] = index;
        return storage.commit(session);
      }),
    );
    const sid = await issuedBy(results.find(({ outcome }) => outcome === 'issued') ?? { outcome: 'ended' });
    const records = await store.ofUser('u1', clock.now());
    expect(records.map(({ id }) => id)).to.deep.equal([(await storage.get(sid)).id]);
    const expected = Object.fromEntries(requests.map((_, index) => [`k${index}`, index]));
    expect((await storage.get(sid)).sessionData).to.deep.equal(expected);
  });

  it('as a sign-in leave one of the two: the sign-in, or else the guest that it was', async () => {
    for (const first of ['sign-in', 'rotation']) {
      const { storage } = bench();
      const before = await heldSid(storage, { cart: 1 });
      const [signing, rotating] = [await storage.get(before), await storage.get(before)];
      signing.setUser('u1');
      rotating.rotate();
      const order = first === 'sign-in' ? [signing, rotating] : [rotating, signing];
      const outcomes: string[] = [];
      for (const session of order) outcomes.push(await outcomeOf(storage.commit(session)));
      expect(outcomes, first).to.deep.equal(['issued', 'withheld']);
      expect((await storage.listOfUser('u1')).length).to.equal(first === 'sign-in' ? 1 : 0);
    }
  });

  it('as two sign-ins leave one, and the other is told that it was not stored', async () => {
    const { storage } = bench();
    const before = await heldSid(storage);
    const [one, other] = [await storage.get(before), await storage.get(before)];
    const told = eventsOf(storage, 'refused-late-save');
    const results = await Promise.all([storage.commit(one.setUser('u1')), storage.commit(other.setUser('u2'))]);
    expect(results.map(({ outcome }) => outcome).sort()).to.deep.equal(['issued', 'withheld']);
    const users = [await storage.listOfUser('u1'), await storage.listOfUser('u2')].map(({ length }) => length);
    expect(users.sort()).to.deep.equal([0, 1]);
    expect(told.length).to.equal(1);
  });
});

describe('A sign-in that meets the end of all of its user’s sessions', () => {
  guardRejections();

  it('is given no credential for a record that is gone, and leaves the guest as it was', async () => {
    const { clock, storage, store } = bench();
    const sid = await heldSid(storage, { cart: 1 });
    const [signing, writing] = [await storage.get(sid), await storage.get(sid)];
    const gate = store.hold('retire');
    const committing = storage.commit(signing.setUser('u1'));
    await gate.reached;
    store.heal();
    writing.sessionData['cart'] = 2;
    await storage.commit(writing);
    await storage.revoke({ uid: 'u1' });
    gate.release();
    expect(await outcomeOf(committing)).to.equal('withheld');
    expect(await store.ofUser('u1', clock.now())).to.deep.equal([]);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ cart: 2 });
  });
});

describe('A rotation that meets a write', () => {
  guardRejections();

  it('takes it along when it comes before the old record is retired', async () => {
    const { clock, storage, store } = bench();
    const before = await heldSid(storage, { a: 1 }, 'u1');
    const [rotating, writing] = [await storage.get(before), await storage.get(before)];
    const gate = store.hold('retire');
    const committing = storage.commit(rotating.rotate());
    await gate.reached;
    writing.sessionData['b'] = 2;
    await storage.commit(writing);
    gate.release();
    const after = await issuedBy(committing);
    expect((await storage.get(after)).sessionData).to.deep.equal({ a: 1, b: 2 });
    expect((await store.ofUser('u1', clock.now())).length).to.equal(1);
  });

  it('is joined by it when it comes after, and the writer is given no credential', async () => {
    const { storage } = bench();
    const before = await heldSid(storage, { a: 1 });
    const [rotating, writing] = [await storage.get(before), await storage.get(before)];
    const after = await issuedBy(storage.commit(rotating.rotate()));
    writing.sessionData['b'] = 2;
    expect(await outcomeOf(storage.commit(writing))).to.equal('withheld');
    expect((await storage.get(after)).sessionData).to.deep.equal({ a: 1, b: 2 });
    expect(() => writing.forClient()).to.throw(SessionEnded);
  });

  it('is joined by several one after the other', async () => {
    const { storage } = bench();
    const before = await heldSid(storage, {});
    const late = await Promise.all([1, 2, 3].map(() => storage.get(before)));
    const after = await rotated(storage, await rotated(storage, before));
    await Promise.all(
      late.map((session, index) => {
        session.sessionData[`k${index}`] = index;
        return storage.commit(session);
      }),
    );
    expect((await storage.get(after)).sessionData).to.deep.equal({ k0: 0, k1: 1, k2: 2 });
  });
});
