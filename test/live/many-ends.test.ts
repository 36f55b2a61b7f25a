import { expect } from 'chai';
import sinon from 'sinon';
import { RevocationList, SessionStorage } from '../../src/index.js';
import { Closer } from '../../src/live/closer.js';
import { message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import type { NewRevocation } from '../../src/ports/revocation-log.js';
import { type ClientOfStream, type LiveProcess, processOf, STORAGES, settled } from '../support/live-streams.js';
import { SECRET } from '../support/sessions.js';

/** More than one turn writes an event to. */
const STREAMS = 240;
/** How many responses may end in one turn: twice 25, because a slice may begin right after the rest of another. */
const MOST_AT_ONCE = 50;
/** How many streams may be looked at in one turn. */
const MOST_LOOKED_AT = 200;
const LIMITS = { perSession: STREAMS, perUser: STREAMS + 2 };

for (const [kind, storageOf] of STORAGES) {
  describe(`${STREAMS} streams of a user with sessions in ${kind}`, () => {
    let process: LiveProcess;
    let tabs: readonly ClientOfStream[];

    beforeEach(async () => {
      process = processOf(storageOf(), { limits: LIMITS });
      tabs = await openTabs(process);
    });

    afterEach(async () => {
      await process.live.close();
    });

    const ENDINGS: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['revoke({ uid })', async () => await process.storage.revoke({ uid: 'ann' })],
      ["revoke('everyone')", async () => await process.storage.revoke('everyone')],
      ['forceInvalidate', async () => await forceInvalidate(process)],
    ];

    for (const [how, end] of ENDINGS) {
      it(`end over several turns by ${how}, which resolves when all have ended`, async () => {
        const most = await mostInOneTurn(() => endedOf(tabs), end());
        expect(most).to.be.within(1, MOST_AT_ONCE);
        expect(tabs.filter(({ ended }) => ended !== 'end')).to.deep.equal([]);
        expect(process.live.connections()).to.deep.equal([]);
      });

      it(`get nothing but their last event from the first end by ${how} on`, async () => {
        const over = end();
        while (endedOf(tabs) === 0) await nextTurn();
        expect(endedOf(tabs)).to.be.below(STREAMS);
        await process.live.send({ uid: 'ann' }, message('late'));
        await over;
        for (const { types } of tabs) expect(types).to.deep.equal(['open', 'end']);
      });
    }

    it('have ended when a second revocation resolves, which finds nothing left to end', async () => {
      const sids = await Promise.all(Array.from({ length: 2 }, () => process.signIn('ann')));
      const last = await Promise.all(sids.map((sid) => process.ask(sid)));
      const first = process.storage.revoke({ uid: 'ann' });
      while (endedOf(tabs) === 0) await nextTurn();
      expect(last.map(({ ended }) => ended)).to.deep.equal([undefined, undefined]);
      await Promise.all(sids.map((sid) => process.storage.revoke({ sid })));
      expect(last.map(({ ended }) => ended)).to.deep.equal(['end', 'end']);
      await first;
    });

    it('that a broadcast has not reached yet get only their last event', async () => {
      await process.live.send('everyone', message('first'));
      await process.storage.revoke({ uid: 'ann' });
      const missed = tabs.filter(({ types }) => !types.includes('message'));
      expect(missed.length).to.be.at.least(STREAMS - 200);
      for (const { types } of tabs) expect(types.at(-1)).to.equal('end');
    });

    it('end over several turns by close, which resolves when all have ended', async () => {
      const most = await mostInOneTurn(() => endedOf(tabs), process.live.close());
      expect(most).to.be.within(1, MOST_AT_ONCE);
      expect(endedOf(tabs)).to.equal(STREAMS);
    });

    const SENDERS: readonly (readonly [string, 'conclude' | 'sendAway', () => Promise<unknown>])[] = [
      ['revoke({ uid })', 'conclude', async () => await process.storage.revoke({ uid: 'ann' })],
      ["revoke('everyone')", 'conclude', async () => await process.storage.revoke('everyone')],
      ['drain', 'sendAway', () => process.live.drain()],
      ['close', 'sendAway', () => process.live.close()],
    ];

    for (const [how, verb, end] of SENDERS) {
      it(`are not all looked at in one turn by ${how}`, async () => {
        const looks = sinon.spy(Closer.prototype, verb);
        try {
          const most = await mostInOneTurn(() => looks.callCount, end());
          expect(most).to.be.within(1, MOST_LOOKED_AT);
          expect(endedOf(tabs)).to.equal(STREAMS);
        } finally {
          looks.restore();
        }
      });
    }

    it('go on if they are of the session that { uid, except } names, and those of other users do', async () => {
      const mine = await process.storage.get(await process.signIn('ann'));
      const others = [await process.ask(mine), await process.ask(await process.signIn('bob'))];
      const over = process.storage.revoke({ uid: 'ann', except: mine });
      while (endedOf(tabs) === 0) await nextTurn();
      await process.live.send('everyone', message('meanwhile'));
      await over;
      await settled();
      for (const { types } of others) expect(types).to.deep.equal(['open', 'message']);
      for (const { types } of tabs) expect(types).to.deep.equal(['open', 'end']);
    });

    it('do not take those with them that open in the meantime, even within the same millisecond', async () => {
      const time = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
      try {
        const over = process.storage.revoke({ uid: 'ann' });
        while (endedOf(tabs) === 0) await nextTurn();
        const fresh = await process.ask(await process.signIn('ann'));
        expect(endedOf(tabs)).to.be.below(STREAMS);
        await process.live.send({ uid: 'ann' }, message('welcome'));
        await over;
        expect(fresh.types).to.deep.equal(['open', 'message']);
      } finally {
        time.restore();
      }
    });

    it('may leave while they wait for their end', async () => {
      const over = process.storage.revoke({ uid: 'ann' });
      while (endedOf(tabs) === 0) await nextTurn();
      tabs.at(-1)?.leave();
      await over;
      expect(tabs.at(-1)?.types).to.deep.equal(['open']);
      expect(process.live.connections()).to.deep.equal([]);
    });
  });
}

describe('a revocation by one of two storages that share a list', () => {
  it('resolves when the streams of the other have ended too, with every wait', async () => {
    for (const wait of [undefined, 'process'] as const) {
      const revocations = new RevocationList();
      const [one, other] = [storageWith(revocations), storageWith(revocations)];
      const process = processOf(other, { limits: LIMITS });
      const tabs = await openTabs(process);
      await one.revoke('everyone', { wait });
      expect(endedOf(tabs)).to.equal(STREAMS);
      await process.live.close();
    }
  });

  it('by its list alone resolves then as well', async () => {
    const revocations = new RevocationList();
    const process = processOf(storageWith(revocations), { limits: LIMITS });
    const tabs = await openTabs(process);
    await revocations.add([everyone('leaked')]);
    expect(tabs.map(({ last }) => last)).to.deep.equal(tabs.map(() => ({ reason: 'leaked' })));
    await process.live.close();
  });

  it('by its list alone lets nothing reach a client that begins to read again before its stream was checked', async () => {
    const revocations = new RevocationList();
    const process = processOf(storageWith(revocations), { limits: LIMITS });
    const tabs = await openTabs(process);
    for (const tab of tabs) tab.isReading = false;
    // The first is taken although the client does not read. The second waits.
    for (const name of ['taken', 'late']) await process.live.send({ uid: 'ann' }, message(name));
    while (tabs.some(({ types }) => types.length === 1)) await nextTurn();
    await settled();
    const added = revocations.add([everyone('leaked')]);
    for (const tab of tabs) tab.resume();
    await added;
    for (const { types } of tabs) expect(types).to.deep.equal(['open', 'message', 'end']);
    await process.live.close();
  });

  it('by its list alone ends a stream that is about to begin', async () => {
    const revocations = new RevocationList();
    const bus = new SlowBus();
    const process = processOf(storageWith(revocations), { bus, limits: { perSession: STREAMS, perUser: STREAMS + 1 } });
    await openTabs(process);
    bus.isSlow = true;
    const opening = process.ask(await process.signIn('ann'));
    while (bus.proceed === undefined) await nextTurn();
    const added = revocations.add([everyone('leaked')]);
    bus.proceed();
    const tab = await opening;
    await added;
    expect([tab.types, tab.last, tab.ended]).to.deep.equal([['end'], { reason: 'leaked' }, 'end']);
    await process.live.close();
  });

  it('by its list alone lets nothing reach a stream that has yet to be checked', async () => {
    const revocations = new RevocationList();
    const process = processOf(storageWith(revocations), { limits: LIMITS });
    const tabs = await openTabs(process);
    const added = revocations.add([everyone('leaked')]);
    await process.live.send('everyone', message('late'));
    await added;
    for (const { types } of tabs) expect(types).to.deep.equal(['open', 'end']);
    await process.live.close();
  });
});

/** A bus whose position, which a stream asks for last before it begins, comes when the test lets it. */
class SlowBus extends MemoryBus {
  isSlow = false;
  proceed: (() => void) | undefined;

  override async position(): Promise<string> {
    if (this.isSlow) {
      await new Promise<void>((resolve) => {
        this.proceed = resolve;
      });
    }
    return await super.position();
  }
}

/** The entry that ends all sessions of now. */
function everyone(reason: string): NewRevocation {
  const now = Date.now();
  return { at: now, until: now + 3_600_000, reason, match: { before: now } };
}

function storageWith(revocations: RevocationList) {
  return new SessionStorage<Record<string, unknown>, Record<string, unknown>>({ jwtSecret: SECRET, revocations });
}

async function openTabs(process: LiveProcess): Promise<ClientOfStream[]> {
  const tabs: ClientOfStream[] = [];
  for (let session = 0; session < 4; session += 1) {
    const sid = await process.signIn('ann');
    for (let tab = 0; tab < STREAMS / 4; tab += 1) tabs.push(await process.ask(sid));
  }
  return tabs;
}

/** Another session of the user ends all of them. */
async function forceInvalidate({ storage, signIn }: LiveProcess): Promise<void> {
  const session = await storage.get(await signIn('ann'));
  session.forceInvalidate('AllSessionIdsOfLoggedUser');
  await storage.commit(session);
}

/** How much is done at most from one turn of the event loop to the next. */
async function mostInOneTurn(done: () => number, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = work.then(() => {
    isOver = true;
  });
  let most = done();
  while (!isOver) {
    const before = done();
    await nextTurn();
    most = Math.max(most, done() - before);
  }
  await over;
  return most;
}

function endedOf(tabs: readonly ClientOfStream[]): number {
  return tabs.filter(({ ended }) => ended !== undefined).length;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
