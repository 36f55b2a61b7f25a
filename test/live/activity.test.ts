import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type LiveProcess, processOf, STORAGES, settled, stillTime } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';

const NOW = 1_800_000_000_000;
const WINDOW = 60_000;

for (const [kind, storageOf] of STORAGES) {
  describe(`the activity of sessions in ${kind}`, () => {
    let time: sinon.SinonFakeTimers;
    let bus: MemoryBus;
    let process: LiveProcess;

    beforeEach(() => {
      time = stillTime(NOW);
      bus = new MemoryBus();
      process = processOf(storageOf(), { bus, activityWindow: WINDOW, heartbeat: 10_000 });
    });

    afterEach(async () => {
      await process.live.close();
      time.restore();
    });

    /** A request of a tab, as the lifecycle reports it. */
    async function request(sid: string, instance: string | undefined, passive = false): Promise<void> {
      const { id, lineage, uid } = await process.storage.get(sid, { touch: false });
      process.storage.events.emit('accessed', { id, lineage, uid, instance, passive });
    }

    it('is when a tab last sent a request that was not passive', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      expect(await process.live.lastActivity(session.id, 'one')).to.equal(undefined);
      await request(sid, 'one');
      time.tick(1_000);
      await request(sid, 'two');
      time.tick(1_000);
      await request(sid, 'one', true);
      expect(await process.live.lastActivity(session.id, 'one')).to.equal(NOW);
      expect(await process.live.lastActivity(session, 'two')).to.equal(NOW + 1_000);
      expect(await process.live.lastActivity(session)).to.equal(NOW + 1_000);
      expect(await process.live.sessionActivity(session.id)).to.deep.equal({ one: NOW, two: NOW + 1_000 });
      expect(await process.live.sessionActivities(session.id)).to.deep.equal({ one: NOW, two: NOW + 1_000 });
    });

    it('is listed of all sessions, and of users, within a window', async () => {
      const [ann, bob] = [await process.signIn('ann'), await process.signIn('bob')];
      await request(ann, 'one');
      time.tick(20_000);
      await request(bob, undefined);
      await request(bob, 'two');
      const [ofAnn, ofBob] = [await process.storage.get(ann), await process.storage.get(bob)];
      expect(await process.live.sessionActivities()).to.deep.equal({
        [ofAnn.lineage]: { one: NOW },
        [ofBob.lineage]: { two: NOW + 20_000 },
      });
      expect(await process.live.activeUsers()).to.deep.equal({
        count: 2,
        users: [
          { uid: 'bob', at: NOW + 20_000 },
          { uid: 'ann', at: NOW },
        ],
      });
      expect((await process.live.activeUsers(10_000)).users.map(({ uid }) => uid)).to.deep.equal(['bob']);
      for (const window of [0, -1, Number.NaN, WINDOW + 1]) {
        expect(await errorOf(() => process.live.activeUsers(window))).to.be.instanceOf(TypeError);
      }
    });

    it('survives the disconnect of a tab, for the window', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      await request(sid, 'tab');
      const tab = await process.ask(sid, { instance: 'tab' });
      expect(await process.live.tabs(session)).to.deep.equal([
        { instance: 'tab', lastActivity: NOW, isVisible: undefined, isOpen: true },
      ]);
      tab.leave();
      expect(await process.live.tabs(session)).to.deep.equal([
        { instance: 'tab', lastActivity: NOW, isVisible: undefined, isOpen: false },
      ]);
      await time.tickAsync(WINDOW - 1);
      expect(await process.live.sessionActivity(session)).to.deep.equal({ tab: NOW });
      await time.tickAsync(1);
      expect(await process.live.sessionActivity(session)).to.deep.equal({});
    });

    it('does not come from streams and heartbeats; a tab with an open stream stays listed', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      await process.ask(sid, { instance: 'tab' });
      for (let beat = 0; beat < 12; beat += 1) {
        await time.tickAsync(10_000);
        await settled();
      }
      expect(await process.live.sessionActivity(session)).to.deep.equal({});
      expect(await process.live.tabs(session)).to.deep.equal([
        { instance: 'tab', lastActivity: 0, isVisible: undefined, isOpen: true },
      ]);
    });

    it('has what a page reports: visible or hidden, and its last input', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      await process.ask(sid, { instance: 'tab' });
      const report = (visibility: string) =>
        process.ask(sid, {
          method: 'POST',
          headers: { 'x-session-instance': 'tab', 'x-session-visibility': visibility },
        });
      expect((await report('visible; active=500')).status).to.equal(204);
      expect(await process.live.tabs(session)).to.deep.equal([
        { instance: 'tab', lastActivity: NOW - 500, isVisible: true, isOpen: true },
      ]);
      await report('hidden');
      expect(await process.live.tabs(session)).to.deep.equal([
        { instance: 'tab', lastActivity: NOW - 500, isVisible: false, isOpen: true },
      ]);
      for (const wrong of ['', 'seen', 'visible; active=-1', 'visible; active=1e3', 'visible\u0000']) {
        expect((await report(wrong)).status, wrong).to.equal(400);
      }
    });

    it('is shared at most every ten seconds, however many requests there are', async () => {
      const stamp = sinon.spy(bus, 'stamp');
      const sid = await process.signIn();
      for (let second = 0; second < 30; second += 1) {
        for (let n = 0; n < 20; n += 1) await request(sid, `tab-${n}`);
        await time.tickAsync(1_000);
      }
      expect(stamp.callCount).to.be.within(3, 4);
    });

    it('of tabs that a client invents is limited, and costs the others nothing', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      for (let n = 0; n < 1_000; n += 1) await request(sid, `invented-${n}`);
      await process.ask(sid, { instance: 'real' });
      await time.tickAsync(20_000);
      const tabs = await process.live.tabs(session);
      expect(tabs.length).to.equal(201);
      expect(tabs.some(({ instance, isOpen }) => instance === 'real' && isOpen)).to.equal(true);
    });

    it('is not lost while the bus is away', async () => {
      const sid = await process.signIn();
      const session = await process.storage.get(sid);
      const stamp = sinon.stub(bus, 'stamp').rejects(new Error('away'));
      await request(sid, 'tab');
      await time.tickAsync(20_000);
      stamp.restore();
      await request(sid, 'other');
      await time.tickAsync(20_000);
      expect((await bus.tabs(session.lineage)).map(({ instance }) => instance).sort()).to.deep.equal(['other', 'tab']);
    });
  });
}
