import { expect } from 'chai';
import fc from 'fast-check';
import {
  MemoryStore,
  type Retired,
  SessionNotFound,
  type SessionRecord,
  StoreUnavailable,
} from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { faultyBench } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

/** Twenty-four characters as a sid has, of the alphabet of sids. */
const WELL_FORMED = 'AbCdEfGhIjKlMnOpQrStUv-_';

/** What people who mean harm or have bad luck send in place of a sid. */
const NAUGHTY: readonly string[] = [
  '\0',
  `${WELL_FORMED.slice(1)}\0`,
  `\u202e${WELL_FORMED.slice(1)}`,
  `${WELL_FORMED.slice(1)}\n`,
  `${WELL_FORMED}\n`,
  `${WELL_FORMED}\r\nSet-Cookie: a=b`,
  ` ${WELL_FORMED.slice(1)}`,
  `${WELL_FORMED} `,
  `${WELL_FORMED}=`,
  WELL_FORMED.slice(1),
  `${WELL_FORMED}A`,
  WELL_FORMED.replace('-', '+'),
  WELL_FORMED.replace('_', '/'),
  `%41${WELL_FORMED.slice(3)}`,
  'Å'.repeat(24),
  'е'.repeat(24),
  '\ud800'.repeat(24),
  "' OR '1'='1' -- ........",
  "x'); DROP TABLE s; --   ",
  '$(touch /tmp/pwned)......',
  '; cat /etc/passwd | ls   ',
  '<script>alert(1)</script>',
  '../../../../etc/passwd.%00',
  '*?[]:*?[]:*?[]:*?[]:*?[]',
  'sess:AbCdEfGhIjKlMnOpQrS',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'undefined',
  'null',
  '[object Object]',
  'eyJhbGciOiJub25lIn0.e30.',
  'A'.repeat(16_384),
];

/** Things that are no strings. */
const NO_STRINGS: readonly unknown[] = [
  0,
  1n,
  Number.NaN,
  true,
  false,
  Symbol('sid'),
  () => WELL_FORMED,
  [WELL_FORMED],
  { sid: WELL_FORMED },
  { toString: () => WELL_FORMED },
  Object(WELL_FORMED),
  Buffer.from(WELL_FORMED),
  Object.create(null),
];

describe('ServerSessionStorage.get', () => {
  it('asks the store once, and writes nothing', async () => {
    const { store, storage } = faultyBench();
    const sid = await heldSid(storage);
    store.forgetCalls();
    await storage.get(sid);
    expect(store.calls.map(({ operation }) => operation)).to.deep.equal(['load']);
  });
});

describe('ServerSessionStorage.get of a sid that opens nothing', () => {
  guardRejections();

  it('says unknown to a well-formed one that was never given out, and never takes it on (row 2)', async () => {
    const { storage, store } = serverBench();
    expect(await openingOf(storage, WELL_FORMED)).to.equal('unknown');
    const made = await storage.create({ a: 1 });
    expect(made.forClient()).not.to.equal(WELL_FORMED);
    expect(await openingOf(storage, WELL_FORMED)).to.equal('unknown');
    expect(await store.load(WELL_FORMED, 0)).to.equal(undefined);
  });

  it('says malformed to whatever else is no sid, of whatever type (row 67), and too_large to what is as long as none ever was (row 66)', async () => {
    const { storage } = serverBench();
    for (const sid of [...NAUGHTY, ...NO_STRINGS]) expect(await openingOf(storage, sid)).to.equal('malformed');
    for (const length of [16_385, 100_000, 5_000_000]) {
      expect(await openingOf(storage, 'A'.repeat(length))).to.equal('too_large');
    }
  });

  it('asks the store nothing of what is no sid (row 3)', async () => {
    const { storage, store } = faultyBench();
    for (const sid of [undefined, null, '', ...NAUGHTY, ...NO_STRINGS, 'A'.repeat(100_000)]) {
      await errorOf(() => storage.get(sid), SessionNotFound);
      if (typeof sid === 'string') expect(await storage.revoke({ sid })).to.have.property('ended', 0);
    }
    expect(store.calls).to.deep.equal([]);
  });

  it('throws nothing but SessionNotFound, whatever it is given, and gives it back', async () => {
    const { storage, store } = faultyBench();
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.string({ unit: 'binary' })), async (sid) => {
        expect(Object.is((await errorOf(() => storage.get(sid), SessionNotFound)).sessionId, sid)).to.equal(true);
      }),
      { numRuns: 300 },
    );
    expect(store.calls).to.deep.equal([]);
  });

  it('hands any well-formed one to the store as a digest and nothing else', async () => {
    const { storage, store } = faultyBench();
    const character = fc.constantFrom(...'ABCZabcz019-_');
    const sids = fc.string({ unit: character, minLength: 24, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(sids, async (sid) => {
        store.forgetCalls();
        expect(await openingOf(storage, sid)).to.equal('unknown');
        const [[id] = []] = store.callsOf('load');
        expect(id)
          .to.be.a('string')
          .with.length(43)
          .and.match(/^[\w-]+$/);
        expect(id).not.to.include(sid);
      }),
    );
  });

  it('tells refused with the reason, and nothing of the sid', async () => {
    const { storage } = serverBench();
    const told = eventsOf(storage);
    await openingOf(storage, WELL_FORMED);
    await openingOf(storage, 'junk');
    expect(told).to.deep.equal([
      ['refused', { reason: 'unknown' }],
      ['refused', { reason: 'malformed' }],
    ]);
  });

  it('says malformed although the store is down, and unavailable where it must be asked', async () => {
    const { storage, store } = faultyBench();
    store.disconnect();
    expect(await openingOf(storage, 'junk')).to.equal('malformed');
    expect(await errorOf(() => storage.get(WELL_FORMED))).to.be.instanceOf(StoreUnavailable);
  });
});

describe('ServerSessionStorage.get with a store that answers for another id', () => {
  /** A store that ignores what it is asked for, as an adapter once did that looked up by the wrong column (CVE-2022-39263). */
  class Careless extends MemoryStore {
    anyone: SessionRecord | Retired | undefined;

    override async load(id: string, now: number): Promise<SessionRecord | Retired | undefined> {
      return this.anyone ?? (await super.load(id, now));
    }
  }

  it('opens nothing by it', async () => {
    const store = new Careless();
    const { storage } = serverBench({ store });
    const victim = await storage.get(await heldSid(storage, {}, 'victim'));
    store.anyone = await store.load(victim.id, 0);
    expect(await openingOf(storage, WELL_FORMED)).to.equal('unknown');
    expect(await openingOf(storage, victim.forClient())).to.equal('opened');
  });

  it('follows no tombstone of another id either', async () => {
    const store = new Careless();
    const { clock, storage } = serverBench({ store });
    const session = await storage.get(await heldSid(storage, {}, 'victim'));
    const before = session.id;
    await storage.commit(session.rotate());
    store.anyone = await store.load(before, clock.now());
    expect(store.anyone).to.have.property('retired');
    expect(await openingOf(storage, WELL_FORMED)).to.equal('unknown');
  });
});

describe('A store that gives another user’s sessions by mistake', () => {
  class Generous extends MemoryStore {
    override async ofUser(_uid: string, now: number): Promise<readonly SessionRecord[]> {
      return [...(await super.ofUser('u1', now)), ...(await super.ofUser('u2', now))];
    }
  }

  it('has none of them listed, counted or ended', async () => {
    const { clock, storage } = serverBench({ store: new Generous(), maxSessionsPerUser: 1 });
    const theirs = await heldSid(storage, {}, 'u2');
    clock.advance(1);
    const mine = await storage.get(await heldSid(storage, {}, 'u1'));
    expect((await storage.listOfUser('u1')).map(({ uid }) => uid)).to.deep.equal(['u1']);
    expect(await storage.revoke({ uid: 'u1', except: mine })).to.have.property('ended', 0);
    expect(await openingOf(storage, theirs)).to.equal('opened');
  });
});
