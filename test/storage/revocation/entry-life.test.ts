import { expect } from 'chai';
import type { SessionStorage } from '../../../src/index.js';
import { revokingBench } from '../../support/sessions.js';
import { outcome } from '../../support/token-fixtures.js';

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
    clock.time += YEARS;
    await sweep(storage);
    expect(sids.map((sid) => outcome(storage, sid))).to.deep.equal(['revoked', 'revoked', 'revoked', 'superseded']);
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
      clock.time += YEARS - 1;
      await sweep(storage);
      expect([sid, other].map((one) => outcome(storage, one))).to.deep.equal(['revoked', 'revoked']);
    });
  }
});
