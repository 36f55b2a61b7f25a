import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore } from '../../src/index.js';
import { type Bus, type BusListener, message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type LiveProcess, processOf, STORAGES, settled, sharedBus, stillTime } from '../support/live-streams.js';
import { issuedBy } from '../support/sessions.js';

const NOW = 1_800_000_000_000;

for (const [kind, storageOf] of STORAGES) {
  describe(`live sessions in two processes, over sessions in ${kind}`, () => {
    let time: sinon.SinonFakeTimers;
    let bus: Bus;
    let here: LiveProcess;
    let there: LiveProcess;

    beforeEach(() => {
      time = stillTime(NOW);
      bus = sharedBus(new MemoryBus());
      const store = new MemoryStore();
      here = processOf(storageOf({}, store), { bus });
      there = processOf(storageOf({}, store), { bus });
    });

    afterEach(async () => {
      await Promise.all([here.live.close(), there.live.close()]);
      time.restore();
    });

    it('carry messages, and what a tab missed, to where it is now', async () => {
      const sid = await here.signIn();
      const tab = await here.ask(sid, { instance: 'tab' });
      await there.live.send({ uid: 'ann' }, message('one'));
      expect(tab.types).to.deep.equal(['open', 'message']);
      tab.leave();
      await here.live.send({ uid: 'ann' }, message('two'));
      const moved = await there.ask(sid, { instance: 'tab', last: tab.lastId });
      expect(moved.events.map(({ data }) => data)).to.deep.equal([
        { instance: 'tab', session: tab.session, replayed: true },
        { name: 'two', data: null },
      ]);
    });

    it('find a session by an id that a rotation gave it elsewhere', async () => {
      const sid = await here.signIn();
      const session = await here.storage.get(sid);
      const fresh = await issuedBy(here.storage.commit(session.rotate()));
      const tab = await there.ask(fresh);
      await time.tickAsync(10_000);
      await settled();
      const { id } = await here.storage.get(fresh);
      await here.live.send({ id }, message('hello'));
      expect(tab.types).to.deep.equal(['open', 'message']);
    });

    for (const [how, reason, end] of [
      ['its sid', 'stolen', (sid: string) => here.storage.revoke({ sid }, { reason: 'stolen' })],
      ['its user', 'locked', () => here.storage.revoke({ uid: 'ann' }, { reason: 'locked' })],
      ['everyone', 'leaked', () => here.storage.revoke('everyone', { reason: 'leaked' })],
    ] as const) {
      it(`end the streams of a session that another process ended by ${how} (row 50)`, async () => {
        const sid = await here.signIn();
        const tab = await there.ask(sid);
        await time.tickAsync(1_000);
        await end(sid);
        await settled();
        expect(tab.types).to.deep.equal(['open', 'end']);
        expect(tab.last).to.deep.equal({ reason });
      });
    }

    it('keep the session that { uid, except } names', async () => {
      const [mine, other] = [await here.signIn(), await here.signIn()];
      const [kept, ended] = [await there.ask(mine), await there.ask(other)];
      await time.tickAsync(1_000);
      await here.storage.revoke({ uid: 'ann', except: await here.storage.get(mine) });
      await settled();
      expect(kept.ended).to.equal(undefined);
      expect(ended.types).to.deep.equal(['open', 'end']);
    });

    it('close the streams of a session that rotated, or changed its user, elsewhere', async () => {
      const sid = await here.signIn();
      const tab = await there.ask(sid);
      const session = await here.storage.get(sid);
      const fresh = await issuedBy(here.storage.commit(session.rotate()));
      await settled();
      expect(tab.last).to.deep.equal({ reason: 'rotated' });
      const next = await there.ask(await there.storage.get(fresh));
      const signedOut = await here.storage.get(fresh);
      await here.storage.commit(signedOut.setUser('bob'));
      await settled();
      expect(next.types).to.deep.equal(['open', 'end']);
      expect(next.last).to.deep.equal({ reason: 'superseded' });
    });

    it('give a tab that comes back elsewhere its place, and the copy of a tab an id of its own', async () => {
      const sid = await here.signIn();
      const tab = await here.ask(sid, { instance: 'tab' });
      await time.tickAsync(10_000);
      const copy = await there.ask(sid, { instance: 'tab' });
      expect(copy.instance).not.to.equal('tab');
      const moved = await there.ask(sid, { instance: 'tab', last: tab.lastId });
      await settled();
      expect(moved.instance).to.equal('tab');
      expect(tab.ended).to.equal('cut');
      expect(moved.ended).to.equal(undefined);
      await time.tickAsync(1);
      const tabs = await there.live.tabs(await there.storage.get(sid));
      expect(tabs.find(({ instance }) => instance === 'tab')).to.include({ isOpen: true });
    });

    it('share what they know of tabs and users', async () => {
      const sid = await here.signIn();
      const session = await here.storage.get(sid);
      await here.ask(sid, { instance: 'one' });
      await there.ask(sid, { instance: 'two' });
      await time.tickAsync(1);
      const tabs = await here.live.tabs(session);
      expect(tabs.map(({ instance, isOpen }) => [instance, isOpen]).sort()).to.deep.equal([
        ['one', true],
        ['two', true],
      ]);
    });

    describe('while the bus is away', () => {
      let listeners: BusListener[];

      beforeEach(async () => {
        listeners = [];
        await Promise.all([here.live.close(), there.live.close()]);
        const connect = bus.connect.bind(bus);
        bus = new Proxy(bus, {
          get: (target, name) =>
            name === 'connect'
              ? (listener: BusListener) => {
                  listeners.push(listener);
                  return connect(listener);
                }
              : Reflect.get(target, name),
        });
        const store = new MemoryStore();
        here = processOf(storageOf({}, store), { bus });
        there = processOf(storageOf({}, store), { bus });
      });

      it('retry what they have to announce', async () => {
        const sid = await here.signIn();
        const tab = await there.ask(sid);
        await settled();
        const publish = sinon.stub(MemoryBus.prototype, 'publish').rejects(new Error('away'));
        await here.storage.revoke({ sid }, { reason: 'stolen' });
        await time.tickAsync(5_000);
        expect(tab.ended).to.equal(undefined);
        publish.restore();
        await time.tickAsync(5_000);
        await settled();
        expect(tab.last).to.deep.equal({ reason: 'stolen' });
      });

      it('catch up with what they missed, once, and in order', async () => {
        const sid = await there.signIn();
        const tab = await there.ask(sid);
        await here.live.send({ uid: 'ann' }, message('one'));
        const [listener] = listeners;
        const deaf = sinon.stub(listener ?? expect.fail('nobody listens'), 'message');
        await here.live.send({ uid: 'ann' }, message('two'));
        await here.live.send({ uid: 'ann' }, message('three'));
        deaf.restore();
        listener?.missed();
        await here.live.send({ uid: 'ann' }, message('four'));
        await settled();
        const told = tab.events
          .filter(({ type }) => type === 'message')
          .map(({ data }) => Reflect.get(Object(data), 'name'));
        expect(told).to.deep.equal(['one', 'two', 'three', 'four']);
        expect(tab.types).not.to.include('missed');
      });

      it('obey nothing outdated that they missed: a tab may have moved back since', async () => {
        const sid = await there.signIn();
        const names = { instance: 'tab', page: 'page' };
        const first = await there.ask(sid, names);
        const [listener] = listeners;
        const deaf = sinon.stub(listener ?? expect.fail('nobody listens'), 'message');
        const away = await here.ask(sid, { ...names, last: first.lastId });
        await settled();
        first.leave();
        const back = await there.ask(sid, { ...names, last: away.lastId });
        deaf.restore();
        listener?.missed();
        await settled();
        expect(back.ended).to.equal(undefined);
        expect(away.ended).to.equal('cut');
      });

      it('tell their streams when something may be lost, and look at every session', async () => {
        const sid = await there.signIn();
        const tab = await there.ask(sid);
        const history = sinon.stub(MemoryBus.prototype, 'history').resolves({ messages: [], isComplete: false });
        const check = sinon.spy(there.storage, 'check');
        listeners[0]?.missed();
        await settled();
        history.restore();
        expect(tab.types).to.deep.equal(['open', 'missed']);
        expect(check.callCount).to.equal(1);
        check.restore();
      });
    });
  });
}
