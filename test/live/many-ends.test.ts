import { expect } from 'chai';
import { RevocationList, SessionStorage } from '../../src/index.js';
import { message } from '../../src/live/index.js';
import { type ClientOfStream, type LiveProcess, processOf, STORAGES } from '../support/live-streams.js';
import { SECRET } from '../support/sessions.js';

/** More than one turn writes an event to. */
const STREAMS = 240;
/** How many responses may end in one turn. */
const MOST_AT_ONCE = 25;
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
        const most = await mostInOneTurn(tabs, end());
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
      expect(missed).to.have.lengthOf(STREAMS - 200);
      for (const { types } of tabs) expect(types.at(-1)).to.equal('end');
    });

    it('end over several turns by close, which resolves when all have ended', async () => {
      const most = await mostInOneTurn(tabs, process.live.close());
      expect(most).to.be.within(1, MOST_AT_ONCE);
      expect(endedOf(tabs)).to.equal(STREAMS);
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
    const now = Date.now();
    await revocations.add([{ at: now, until: now + 3_600_000, reason: 'leaked', match: { before: now } }]);
    expect(tabs.map(({ last }) => last)).to.deep.equal(tabs.map(() => ({ reason: 'leaked' })));
    await process.live.close();
  });

  it('by its list alone lets nothing reach a stream that has yet to be checked', async () => {
    const revocations = new RevocationList();
    const process = processOf(storageWith(revocations), { limits: LIMITS });
    const tabs = await openTabs(process);
    const now = Date.now();
    const added = revocations.add([{ at: now, until: now + 3_600_000, reason: 'leaked', match: { before: now } }]);
    await process.live.send('everyone', message('late'));
    await added;
    for (const { types } of tabs) expect(types).to.deep.equal(['open', 'end']);
    await process.live.close();
  });
});

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

/** How many streams ended at most from one turn of the event loop to the next. */
async function mostInOneTurn(tabs: readonly ClientOfStream[], work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  let most = endedOf(tabs);
  while (!isDone) {
    const before = endedOf(tabs);
    await nextTurn();
    most = Math.max(most, endedOf(tabs) - before);
  }
  await done;
  return most;
}

function endedOf(tabs: readonly ClientOfStream[]): number {
  return tabs.filter(({ ended }) => ended !== undefined).length;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
