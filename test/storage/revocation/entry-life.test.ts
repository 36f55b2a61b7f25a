import { expect } from 'chai';
import { RevocationList, type SessionStorage } from '../../../src/index.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { openingOf } from '../../support/outcomes.js';
import { bench, revokingBench } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const DAY = 24 * 60 * 60 * 1000;

describe('SessionStorage.revoke: how long it holds', () => {
  const YEARS = 3650 * DAY;

  /** Forgets what it may: the table and the users are swept when something is added. */
  async function sweep(storage: SessionStorage): Promise<void> {
    for (let i = 0; i < 200; i += 1) await storage.revoke({ id: `x${i}`, lineage: `x${i}` });
    await storage.revoke({ uid: 'other' });
  }

  it('is for ever where sessions live for ever', async () => {
    const { clock, storage } = revokingBench({ timeToLive: 0 });
    const sids = ['a', 'b', 'c', 'd'].map((uid) => storage.create().setUser(uid).forClient());
    const [a = '', , c = '', d = ''] = sids;
    const rotated = storage.get(d).rotate();
    await storage.revoke({ sid: a });
    await storage.revoke({ uid: 'b' });
    await storage.revoke({ id: storage.get(c).id, lineage: storage.get(c).lineage });
    await storage.commit(rotated);
    clock.advance(YEARS);
    await sweep(storage);
    expect(sids.map((sid) => openingOf(storage, sid))).to.deep.equal(['revoked', 'revoked', 'revoked', 'superseded']);
  });

  for (const [what, options, life] of [
    [
      'a longer absolute bound is left when the idle one is lifted',
      { idleTimeout: DAY, absoluteTimeout: YEARS },
      { idleTimeout: null },
    ],
    [
      'a longer idle bound is left when the absolute one is lifted',
      { idleTimeout: YEARS, absoluteTimeout: DAY },
      { absoluteTimeout: null },
    ],
  ] as const) {
    it(`is as long as a session can live of its own: ${what}`, async () => {
      const { clock, storage } = revokingBench({ timeToLive: 0, ...options });
      const sid = storage.create().setUser('u1').setLifetime(life).forClient();
      const named = storage.create().setUser('u2').setLifetime(life);
      const other = named.forClient();
      await storage.revoke({ uid: 'u1' });
      await storage.revoke({ id: named.id, lineage: named.lineage });
      clock.advance(YEARS - 1);
      await sweep(storage);
      expect([sid, other].map((one) => openingOf(storage, one))).to.deep.equal(['revoked', 'revoked']);
    });
  }
});

describe('The entries that end sessions', () => {
  it('live for exactly as long as a token that they match can: bound and skew on top of its life', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log, bound: 7000 });
    const { storage } = bench({ revocations, clockSkew: 1234, timeToLive: 60_000 });
    const until = NOW + 400 * DAY + 7000 + 1234;
    await storage.revoke({ uid: 'u1' });
    await storage.revoke('everyone');
    await storage.revoke({ id: 'a', lineage: 'b' });
    await storage.commit(storage.get(storage.create().setUser('u9').forClient()).rotate());
    await revocations.close();
    const rotated = log.entries.at(-1);
    expect(log.entries.slice(0, 4).map(({ match, until: end }) => [Object.keys(match)[0], end])).to.deep.equal([
      ['uid', until],
      ['before', until],
      ['lineage', until],
      ['jti', until],
    ]);
    expect(log.entries[0]).to.deep.include({ at: NOW, match: { uid: 'u1', before: NOW + 1234, except: [] } });
    expect(rotated).to.include({ at: NOW + 10_000, until: NOW + 10_000 + 60_000 + 7000 + 1234 });
  });
});
