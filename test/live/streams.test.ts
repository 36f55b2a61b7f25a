import { expect } from 'chai';
import sinon from 'sinon';
import { type LiveSessions, message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { ClientOfStream, type LiveProcess, processOf, STORAGES, settled, stillTime } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';

const NOW = 1_800_000_000_000;

for (const [kind, storageOf] of STORAGES) {
  describe(`LiveSessions over sessions in ${kind}`, () => {
    let time: sinon.SinonFakeTimers;
    const open: LiveSessions[] = [];

    beforeEach(() => {
      time = stillTime(NOW);
    });

    afterEach(async () => {
      await Promise.all(open.splice(0).map((live) => live.close()));
      time.restore();
    });

    function start(options: Parameters<typeof processOf>[1] = {}): LiveProcess {
      const process = processOf(storageOf(), options);
      open.push(process.live);
      return process;
    }

    describe('opening', () => {
      it('answers with a head that no proxy keeps, transforms or collects, and names the tab first', async () => {
        const { ask, signIn } = start();
        const tab = await ask(await signIn(), { instance: 'tab-1' });
        expect(tab.head).to.deep.equal({
          status: 200,
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'private, no-store, no-transform',
            'x-accel-buffering': 'no',
          },
        });
        expect(tab.events).to.have.lengthOf(1);
        const data = { instance: 'tab-1', session: tab.session, replayed: null };
        expect(tab.events[0]).to.deep.include({ type: 'open', data });
        expect(tab.retries).to.deep.equal([2_000]);
      });

      it('chooses an id for a tab that names none, and takes one from the header', async () => {
        const { ask, signIn } = start();
        const sid = await signIn();
        const [first, second] = [await ask(sid), await ask(sid)];
        expect(first.instance).to.match(/^[\w-]{24}$/);
        expect(second.instance).not.to.equal(first.instance);
        const named = await ask(sid, { headers: { 'x-session-instance': 'mine' } });
        expect(named.instance).to.equal('mine');
      });

      it('refuses a malformed id with 400', async () => {
        const { ask, signIn } = start();
        const sid = await signIn();
        for (const instance of ['', 'a b', 'ä', 'x'.repeat(65), '%0d%0adata:x']) {
          const tab = await ask(sid, { instance });
          expect([tab.status, tab.text], instance).to.deep.equal([400, '']);
        }
      });

      it('gives the copy of a tab an id of its own', async () => {
        const { ask, signIn } = start();
        const sid = await signIn();
        const tab = await ask(sid, { instance: 'tab' });
        const copy = await ask(sid, { instance: 'tab' });
        expect(copy.instance).not.to.equal('tab');
        expect(tab.ended).to.equal(undefined);
      });

      it('gives a tab that comes back its place, although its earlier stream seems to be open', async () => {
        const { ask, signIn, live } = start();
        const sid = await signIn();
        const tab = await ask(sid, { instance: 'tab' });
        await time.tickAsync(10_000);
        const back = await ask(sid, { instance: 'tab', last: tab.lastId });
        expect(back.instance).to.equal('tab');
        expect(tab.ended).to.equal('cut');
        expect(live.connections()).to.have.lengthOf(1);
        await live.send('everyone', message('hello'));
        expect(back.types).to.deep.equal(['open', 'message']);
      });

      it('lets another session have a tab of the same id', async () => {
        const { ask, signIn } = start();
        const [one, other] = [await signIn(), await signIn()];
        await ask(one, { instance: 'tab' });
        expect((await ask(other, { instance: 'tab' })).instance).to.equal('tab');
      });

      it('refuses what is no session with a TypeError', async () => {
        const { live } = start();
        const request = { session: { id: 'x' }, method: 'GET', headers: {}, url: '/' } as const;
        const sink = await start().ask(undefined);
        expect(await errorOf(() => live.open(request, sink))).to.be.instanceOf(TypeError);
      });
    });

    describe('limits', () => {
      it('answer 429 when a session, or a user, has too many streams', async () => {
        const { ask, signIn } = start({ limits: { perSession: 2, perUser: 3 } });
        const [one, other] = [await signIn(), await signIn()];
        const statuses = [];
        for (const sid of [one, one, one, other, other]) statuses.push((await ask(sid)).status);
        expect(statuses).to.deep.equal([200, 200, 429, 200, 429]);
        const refused = await ask(one);
        expect(refused.head?.headers).to.include({ 'retry-after': '30' });
      });

      it('answer 503 when the process has too many, and forget the streams that were left', async () => {
        const { ask, signIn } = start({ limits: { perProcess: 1 } });
        const sid = await signIn();
        const tab = await ask(sid);
        expect((await ask(sid)).status).to.equal(503);
        tab.leave();
        expect((await ask(sid)).status).to.equal(200);
      });

      it('cut a client that does not read at its limit, and nobody else (row 52)', async () => {
        const { ask, signIn, live } = start({ limits: { queue: 1_000 } });
        const sid = await signIn();
        const [slow, fast] = [await ask(sid), await ask(sid)];
        slow.isReading = false;
        const { id, lineage } = live.connections()[0] ?? expect.fail('no stream');
        for (let n = 0; n < 5; n += 1) await live.send({ id, lineage }, message('large', 'x'.repeat(300)));
        expect(slow.ended).to.equal('cut');
        expect(fast.types).to.deep.equal(['open', ...Array.from({ length: 5 }, () => 'message')]);
        expect(live.connections()).to.have.lengthOf(1);
      });

      it('let a client that pauses catch up in order', async () => {
        const { ask, signIn, live } = start();
        const sid = await signIn();
        const tab = await ask(sid);
        tab.isReading = false;
        for (let n = 0; n < 4; n += 1) await live.send({ uid: 'ann' }, message('n', n));
        expect(tab.events).to.have.lengthOf(2);
        tab.resume();
        expect(tab.events.slice(1).map(({ data }) => Reflect.get(Object(data), 'data'))).to.deep.equal([0, 1, 2, 3]);
      });

      it('end a client that does not read without a word when its session ends', async () => {
        const { ask, signIn, live, storage } = start();
        const sid = await signIn();
        const tab = await ask(sid);
        tab.isReading = false;
        await live.send({ uid: 'ann' }, message('one'));
        await live.send({ uid: 'ann' }, message('two'));
        await storage.revoke({ sid });
        expect(tab.ended).to.equal('cut');
        tab.resume();
        expect(tab.types).to.deep.equal(['open', 'message']);
      });
    });

    describe('replay', () => {
      it('sends what a tab missed, in order, and only what is for it', async () => {
        const { ask, signIn, live, storage } = start();
        const sid = await signIn();
        const tab = await ask(sid, { instance: 'tab' });
        await live.send({ uid: 'ann' }, message('seen'));
        tab.leave();
        const session = await storage.get(sid);
        await live.send({ id: session.id, instance: 'tab' }, message('mine'));
        await live.send({ id: session.id, instance: 'other' }, message('of another tab'));
        await live.send({ uid: 'ann' }, message('the user’s'));
        await live.send({ uid: 'bob' }, message('bob’s'));
        await live.send('everyone', message('everyone’s'));
        const back = await ask(sid, { instance: 'tab', last: tab.lastId });
        expect(back.events[0]?.data).to.include({ instance: 'tab', replayed: true });
        expect(names(back)).to.deep.equal(['mine', 'the user’s', 'everyone’s']);
        await live.send(session, message('next'));
        expect(names(back).at(-1)).to.equal('next');
      });

      it('sends all of it, however much that is, and cuts the client only for what comes later', async () => {
        const { ask, signIn, live, storage } = start({ limits: { queue: 1_000 } });
        const sid = await signIn();
        const tab = await ask(sid);
        tab.leave();
        for (let n = 0; n < 20; n += 1) await live.send({ uid: 'ann' }, message('n', `${n} ${'x'.repeat(300)}`));
        const back = new ClientOfStream();
        back.isReading = false;
        const headers = { 'last-event-id': tab.lastId };
        await live.open({ session: await storage.get(sid), method: 'GET', headers, url: '/live' }, back);
        await live.send({ uid: 'ann' }, message('later'));
        for (const missed of [0, 1, 2]) {
          expect([back.types.length, back.ended]).to.deep.equal([missed + 1, undefined]);
          back.drain();
        }
        for (let n = 0; n < 3; n += 1) await live.send({ uid: 'ann' }, message('n', 'x'.repeat(180)));
        expect([back.types.length, back.ended]).to.deep.equal([4, undefined]);
        back.resume();
        expect(names(back)).to.deep.equal([...new Array(20).fill('n'), 'later', 'n', 'n', 'n']);
        back.isReading = false;
        for (let n = 0; n < 5; n += 1) await live.send({ uid: 'ann' }, message('n', 'x'.repeat(300)));
        expect(back.ended).to.equal('cut');
      });

      it('replays nothing of somebody else’s, whose event id a client sends (row 53)', async () => {
        const { ask, signIn, live } = start();
        const [ann, bob] = [await signIn('ann'), await signIn('bob')];
        const [tabOfAnn, tabOfBob] = [await ask(ann), await ask(bob)];
        await live.send({ uid: 'ann' }, message('one'));
        await live.send({ uid: 'ann' }, message('two'));
        await live.send({ uid: 'bob' }, message('three'));
        const lastOfAnn = tabOfAnn.events[1]?.id;
        tabOfBob.leave();
        const back = await ask(bob, { last: lastOfAnn });
        expect(back.types).to.deep.equal(['open']);
        expect(back.events[0]?.data).to.include({ replayed: false });
      });

      it('says so when what was missed is no longer known', async () => {
        const { ask, signIn, live } = start({ replay: 2, replayFor: 60_000 });
        const sid = await signIn();
        const tab = await ask(sid);
        tab.leave();
        await live.send({ uid: 'ann' }, message('one'));
        await live.send({ uid: 'ann' }, message('two'));
        expect((await ask(sid, { last: tab.lastId })).events[0]?.data).to.include({ replayed: true });
        await live.send({ uid: 'ann' }, message('three'));
        const back = await ask(sid, { last: tab.lastId });
        expect(back.events[0]?.data).to.include({ replayed: false });
        expect(names(back)).to.deep.equal(['two', 'three']);
        time.tick(60_001);
        expect((await ask(sid, { last: tab.lastId })).events[0]?.data).to.include({ replayed: false });
      });

      it('takes a hostile last id for one that is unknown', async () => {
        const { ask, signIn } = start();
        const sid = await signIn();
        for (const last of ['x', 'x'.repeat(1_000_000), '~', '..~________', '0~0\u0000', '🙂']) {
          const tab = await ask(sid, { last });
          expect(tab.events.map(({ type, data }) => [type, Reflect.get(Object(data), 'replayed')])).to.deep.equal([
            ['open', false],
          ]);
        }
      });

      it('lets a quiet stream resume from its heartbeat, however long ago its last event was', async () => {
        const { ask, signIn, live } = start({ heartbeat: 10_000, replayFor: 60_000 });
        const sid = await signIn();
        const [tab, busy] = [await ask(sid), await ask(await signIn('bob'))];
        await live.send({ uid: 'bob' }, message('one'));
        for (let beat = 0; beat < 30; beat += 1) {
          await time.tickAsync(10_000);
          await settled();
        }
        tab.leave();
        await live.send({ uid: 'ann' }, message('missed'));
        const back = await ask(sid, { instance: tab.instance, last: tab.lastId });
        expect(back.events[0]?.data).to.include({ replayed: true });
        expect(names(back)).to.deep.equal(['missed']);
        expect(tab.events).to.have.lengthOf(1);
        expect(busy.ended).to.equal(undefined);
      });
    });

    describe('the heartbeat', () => {
      it('writes a comment that clients ignore, and nothing once no stream is open', async () => {
        const { ask, signIn } = start({ heartbeat: 10_000 });
        const tab = await ask(await signIn());
        const before = tab.text.length;
        await time.tickAsync(10_000);
        expect(tab.text.slice(before)).to.equal(':\n\n');
        tab.leave();
        await settled();
        expect(time.countTimers()).to.be.at.most(1);
      });

      it('ends a stream whose session was ended where no announcement came from', async () => {
        const process = start({ heartbeat: 10_000 });
        const sid = await process.signIn();
        const tab = await process.ask(sid);
        const check = sinon.stub(process.storage, 'check').returns('ended');
        await time.tickAsync(10_000);
        await settled();
        check.restore();
        expect(tab.types).to.deep.equal(['open', 'end']);
        expect(tab.last).to.deep.equal({ reason: 'ended' });
      });

      it('sends streams away whose session could not be checked twice in a row', async () => {
        const process = start({ heartbeat: 10_000 });
        const sid = await process.signIn();
        const [tab, second] = [await process.ask(sid), await process.ask(sid)];
        const check = sinon.stub(process.storage, 'check').throws(new Error('down'));
        await time.tickAsync(10_000);
        await settled();
        expect(tab.ended).to.equal(undefined);
        check.restore();
        await time.tickAsync(10_000);
        await settled();
        const down = sinon.stub(process.storage, 'check').throws(new Error('down'));
        await time.tickAsync(10_000);
        await settled();
        expect(tab.ended).to.equal(undefined);
        await time.tickAsync(10_000);
        await settled();
        down.restore();
        for (const one of [tab, second]) {
          expect(one.types).to.deep.equal(['open', 'reconnect']);
          expect(one.last).to.deep.equal({ reason: 'unchecked' });
        }
      });
    });

    describe('drain', () => {
      it('sends all streams away at random times, and answers 503 from then on', async () => {
        const { ask, signIn, live } = start();
        const sid = await signIn();
        const tabs = [];
        for (let n = 0; n < 20; n += 1) tabs.push(await ask(sid));
        await live.drain({ within: 10_000 });
        expect(live.connections()).to.deep.equal([]);
        const pauses = tabs.map(({ types, last, retries }) => {
          expect(types).to.deep.equal(['open', 'reconnect']);
          expect(last).to.deep.equal({ reason: 'drained' });
          return retries.at(-1) ?? 0;
        });
        expect(Math.min(...pauses)).to.be.at.least(0);
        expect(Math.max(...pauses)).to.be.at.most(10_000);
        expect(new Set(pauses).size).to.be.above(5);
        expect((await ask(sid)).status).to.equal(503);
      });

      it('resolves at once without streams, and refuses a time that is none', async () => {
        const { live } = start();
        for (const within of [-1, 1.5, Number.NaN, 2 ** 31]) {
          expect(await errorOf(() => live.drain({ within }))).to.be.instanceOf(TypeError);
        }
        await live.drain();
      });
    });

    it('fails to open, and keeps nothing, when the bus does not answer', async () => {
      const bus = new MemoryBus();
      const { ask, signIn, live } = start({ bus });
      const sid = await signIn();
      await bus.close();
      expect(await errorOf(() => ask(sid))).to.have.property('code', 'ERR_SESSION_STORE_UNAVAILABLE');
      expect(live.connections()).to.deep.equal([]);
    });
  });
}

function names({
  events,
}: {
  readonly events: readonly { readonly type: string | undefined; readonly data: unknown }[];
}): unknown[] {
  return events.filter(({ type }) => type === 'message').map(({ data }) => Reflect.get(Object(data), 'name'));
}
