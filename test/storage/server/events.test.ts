import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'chai';
import type { ServerSessionStorage, SessionEventName } from '../../../src/index.js';
import { EVENT_NAMES, eventsOf } from '../../support/events.js';
import { openingOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

const GRACE = 10_000;

function plainBench() {
  return serverBench();
}

/** Makes a storage tell everything that it can; gives all sids that there were. */
async function everything({ storage, clock, store }: ReturnType<typeof plainBench>): Promise<string[]> {
  const first = await heldSid(storage, { a: 1 }, 'u1');
  const [one, other, late] = [await storage.get(first), await storage.get(first), await storage.get(first)];
  one.sessionData['a'] = 2;
  other.sessionData['a'] = 3;
  await storage.commit(one);
  await storage.commit(other);
  const second = await issuedBy(storage.commit((await storage.get(first)).rotate()));
  clock.advance(GRACE);
  await openingOf(storage, first);
  await storage.revoke({ sid: second });
  late.sessionData['late'] = 1;
  await storage.commit(late);
  const third = await heldSid(storage, {}, 'u1');
  await storage.revoke({ uid: 'u1' });
  await storage.revoke('everyone');
  storage.events.emit('suspicious', { sessions: [] });
  storage.events.emit('cleared', { reason: 'suspicious' });
  store.sweep = () => Promise.reject(new Error('no sweep'));
  for (let n = 0; n < 2; n += 1) await storage.sweep().catch(() => 0);
  return [first, second, third];
}

describe('The events of a server-side storage', () => {
  it('are all told, in the order in which things happen', async () => {
    const bench = plainBench();
    const told = eventsOf(bench.storage);
    await everything(bench);
    expect(told.map(([name]) => name)).to.deep.equal([
      'created',
      'rotated',
      'saved',
      'loaded',
      'loaded',
      'loaded',
      'saved',
      'saved',
      'conflict',
      'loaded',
      'rotated',
      'reused',
      'refused',
      'ended',
      'refused-late-save',
      'created',
      'rotated',
      'saved',
      'ended',
      'ended',
      'suspicious',
      'cleared',
      'sweep-failed',
    ]);
    // Only requests access sessions and lose writes: test/http/accessed.test.ts, test/http/late-changes.test.ts.
    const others = EVENT_NAMES.filter((name) => name !== 'lost-write' && name !== 'accessed');
    expect(new Set(told.map(([name]) => name))).to.deep.equal(new Set(others));
  });

  it('are told on a channel of node:diagnostics_channel each, with the same messages', async () => {
    const bench = plainBench();
    const byListener = eventsOf(bench.storage);
    const byChannel: [string, unknown][] = [];
    const offs = EVENT_NAMES.map((name) => {
      const channel = `sessions-jwt:${name}`;
      const note = (message: unknown): void => void byChannel.push([name, message]);
      subscribe(channel, note);
      return () => unsubscribe(channel, note);
    });
    try {
      await everything(bench);
    } finally {
      for (const off of offs) off();
    }
    expect(byChannel).to.deep.equal(byListener);
  });

  it('reach the channels when nobody listens to the storage itself', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage);
    const heard: unknown[] = [];
    const note = (message: unknown): void => void heard.push(message);
    subscribe('sessions-jwt:loaded', note);
    const { id, lineage, uid } = await storage.get(sid);
    unsubscribe('sessions-jwt:loaded', note);
    await storage.get(sid);
    expect(heard).to.deep.equal([{ id, lineage, uid }]);
  });

  it('never hold a sid (row 64)', async () => {
    const bench = plainBench();
    const told = eventsOf(bench.storage);
    const sids = await everything(bench);
    const text = JSON.stringify(told);
    for (const sid of sids) expect(text.includes(sid)).to.equal(false);
  });

  const quiet: readonly [string, (storage: ServerSessionStorage, sid: string) => Promise<unknown>][] = [
    ['a check', async (storage, sid) => await storage.check(await storage.get(sid))],
    ['a list', async (storage) => await storage.listOfUser('u1')],
    ['a commit of nothing', async (storage, sid) => await storage.commit(await storage.get(sid))],
    ['a session made for a request', async (storage) => await storage.commit(storage.blank())],
    ['a sweep that finds nothing', async (storage) => await storage.sweep()],
  ];
  for (const [what, work] of quiet) {
    it(`tell nothing of ${what}`, async () => {
      const { storage } = serverBench();
      const sid = await heldSid(storage, {}, 'u1');
      const names = EVENT_NAMES.filter((name): name is SessionEventName => name !== 'loaded');
      const told = eventsOf(storage, ...names);
      await work(storage, sid);
      expect(told).to.deep.equal([]);
    });
  }
});
