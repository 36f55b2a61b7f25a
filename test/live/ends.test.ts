import { expect } from 'chai';
import sinon from 'sinon';
import { html, message } from '../../src/live/index.js';
import {
  type ClientOfStream,
  type LiveProcess,
  processOf,
  STORAGES,
  settled,
  stillTime,
} from '../support/live-streams.js';
import { issuedBy } from '../support/sessions.js';

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

for (const [kind, storageOf] of STORAGES) {
  describe(`the streams of a session in ${kind}`, () => {
    let time: sinon.SinonFakeTimers;
    let process: LiveProcess;

    beforeEach(() => {
      time = stillTime(NOW);
      process = processOf(storageOf());
    });

    afterEach(async () => {
      await process.live.close();
      time.restore();
    });

    /** What ends a session, and what its streams are told. */
    const ENDINGS: readonly (readonly [string, string, (sid: string) => Promise<unknown>])[] = [
      [
        'sign-out in a request',
        'signed out',
        async (sid) => {
          const session = await process.storage.get(sid);
          await process.storage.commit(session.revoke('signed out'));
        },
      ],
      ['revoke({ sid })', 'stolen', (sid) => process.storage.revoke({ sid }, { reason: 'stolen' })],
      [
        'revoke(session)',
        'stolen',
        async (sid) => process.storage.revoke(await process.storage.get(sid), { reason: 'stolen' }),
      ],
      [
        'revoke({ id, lineage })',
        'stolen',
        async (sid) => {
          const { id, lineage } = await process.storage.get(sid);
          await process.storage.revoke({ id, lineage }, { reason: 'stolen' });
        },
      ],
      ['revoke({ uid })', 'locked', () => process.storage.revoke({ uid: 'ann' }, { reason: 'locked' })],
      ["revoke('everyone')", 'leaked', () => process.storage.revoke('everyone', { reason: 'leaked' })],
    ];

    for (const [how, reason, end] of ENDINGS) {
      it(`end with their reason by ${how}, and nothing is written after that (row 50)`, async () => {
        const sid = await process.signIn();
        const session = await process.storage.get(sid);
        const tabs = [await process.ask(sid), await process.ask(sid)];
        const bystander = await process.ask(await process.signIn('bob'));
        await end(sid);
        for (const tab of tabs) {
          expect(tab.types).to.deep.equal(['open', 'end']);
          expect(tab.last).to.deep.equal({ reason });
          expect(tab.ended).to.equal('end');
        }
        expect(bystander.ended).to.equal(how === "revoke('everyone')" ? 'end' : undefined);
        await process.live.send(session, html('<p>late</p>'));
        expect(tabs.map(({ types }) => types.length)).to.deep.equal([2, 2]);
        expect(process.live.connections(session)).to.deep.equal([]);
      });
    }

    it('are not opened again: the answer is 204, which stops an EventSource', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      await process.storage.revoke({ sid });
      const again = await process.ask(session);
      expect([again.status, again.ended, again.text]).to.deep.equal([204, 'end', '']);
      const nobody = await process.ask(undefined);
      expect(nobody.status).to.equal(204);
      const anonymous = await process.ask(await process.storage.create());
      expect(anonymous.status).to.equal(204);
    });

    it('of the other sessions end by { uid, except }; that of the session named goes on', async () => {
      const [mine, other] = [await process.signIn(), await process.signIn()];
      const [kept, ended] = [await process.ask(mine), await process.ask(other)];
      await process.storage.revoke({ uid: 'ann', except: await process.storage.get(mine) });
      await settled();
      expect(kept.ended).to.equal(undefined);
      expect(ended.types).to.deep.equal(['open', 'end']);
      await process.live.send({ uid: 'ann' }, message('hello'));
      expect(kept.types).to.deep.equal(['open', 'message']);
    });

    it('never move to another user: a sign-in closes them, and what follows is not theirs (session fixation)', async () => {
      const sid = await issuedBy(process.storage.commit(await anonymous(process)));
      const planted = await process.ask(sid);
      const session = await process.storage.get(sid);
      const fresh = await issuedBy(process.storage.commit(session.setUser('victim')));
      expect(planted.types).to.deep.equal(['open', 'end']);
      expect(planted.last).to.deep.equal({ reason: 'superseded' });
      // The page of the user waits for its next stream.
      expect(planted.retries.at(-1)).to.be.within(20, 200);
      const victim = await process.ask(fresh);
      const { id, lineage } = await process.storage.get(fresh);
      await process.live.send({ id, lineage }, message('secret'));
      await process.live.send({ uid: 'victim' }, message('secret'));
      expect(planted.types).to.deep.equal(['open', 'end']);
      expect(victim.types).to.deep.equal(['open', 'message', 'message']);
    });

    it('close with reconnect by a plain rotation, and the tab keeps its id and misses nothing', async () => {
      const sid = await process.signIn();
      const tab = await process.ask(sid, { instance: 'tab-1' });
      const session = await process.storage.get(sid);
      const fresh = await issuedBy(process.storage.commit(session.rotate()));
      expect(tab.types).to.deep.equal(['open', 'reconnect']);
      expect(tab.last).to.deep.equal({ reason: 'rotated' });
      const renewed = await process.storage.get(fresh);
      await process.live.send(renewed, message('between'));
      const back = await process.ask(fresh, { instance: 'tab-1', last: tab.lastId });
      expect(back.events.map(({ data }) => data)).to.deep.equal([
        { instance: 'tab-1', session: tab.session, replayed: true },
        { name: 'between', data: null },
      ]);
    });

    it('end at the absolute timeout, which no request extends', async () => {
      await restart({ absoluteTimeout: HOUR, idleTimeout: 30 * 60_000 });
      const sid = await process.signIn();
      let latest = sid;
      const tab = await process.ask(latest);
      for (let minute = 0; minute < 50; minute += 10) {
        await time.tickAsync(10 * 60_000);
        const committed = await process.storage.commit(await process.storage.get(latest));
        if (committed.outcome === 'issued') latest = committed.sid;
      }
      const fresh = kind === 'a token' ? await process.ask(latest) : tab;
      expect(fresh.ended).to.equal(undefined);
      await passing(11 * 60_000);
      expect(fresh.last).to.deep.equal({ reason: 'expired' });
      expect(fresh.types.at(-1)).to.equal('end');
    });

    it('end at the idle timeout; with tokens, a newer cookie may go on, so they reconnect', async () => {
      await restart({ idleTimeout: 60_000 });
      const tab = await process.ask(await process.signIn());
      await passing(59_000);
      expect(tab.ended).to.equal(undefined);
      await passing(1_001);
      expect(tab.events.at(-1)?.type).to.equal(kind === 'a token' ? 'reconnect' : 'end');
      expect(tab.last).to.deep.equal({ reason: 'expired' });
    });

    it('do not keep their session alive (row 51)', async () => {
      await restart({ idleTimeout: 60_000 });
      const sid = await process.signIn();
      await process.ask(sid);
      await passing(61_000);
      const found = await Promise.resolve()
        .then(() => process.storage.get(sid))
        .catch((error: { code: string }) => error.code);
      expect(found).to.be.oneOf(['ERR_SESSION_EXPIRED', 'ERR_SESSION_NOT_FOUND']);
    });

    if (kind === 'a store') {
      it('end before revoke resolves although the clock of the process that created the session is ahead', async () => {
        const tab = await process.ask(await process.signIn());
        time.setSystemTime(NOW - 1_000);
        const check = process.storage.check.bind(process.storage);
        const slow = sinon.stub(process.storage, 'check').callsFake(async (ref) => {
          await settled();
          return await check(ref);
        });
        await process.storage.revoke({ uid: 'ann' }, { reason: 'locked' });
        slow.restore();
        expect([tab.types, tab.last]).to.deep.equal([['open', 'end'], { reason: 'locked' }]);
      });

      it('go on past the first idle timeout while requests use the session', async () => {
        await restart({ idleTimeout: 60_000 });
        const sid = await process.signIn();
        const tab = await process.ask(sid);
        await passing(50_000);
        await process.storage.commit(await process.storage.get(sid));
        await passing(50_000);
        expect(tab.ended).to.equal(undefined);
        await passing(11_000);
        expect(tab.last).to.deep.equal({ reason: 'expired' });
      });
    }

    it('end when their session ended while they were opened', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      const opening = process.ask(session);
      await process.storage.revoke({ sid }, { reason: 'stolen' });
      const tab: ClientOfStream = await opening;
      expect(tab.status).to.be.oneOf([200, 204]);
      expect(tab.types).to.deep.equal(tab.status === 200 ? ['end'] : []);
      expect(tab.ended).to.equal('end');
    });

    async function restart(limits: Parameters<typeof storageOf>[0]): Promise<void> {
      await process.live.close();
      process = processOf(storageOf(limits));
    }

    /** Time passes, and what it starts is done. */
    async function passing(ms: number): Promise<void> {
      await time.tickAsync(ms);
      await settled();
    }
  });
}

async function anonymous({ storage }: LiveProcess) {
  const session = await storage.create({ cart: [1] });
  return session;
}
