import { expect } from 'chai';
import sinon from 'sinon';
import { RevocationList, SessionStorage } from '../../src/index.js';
import { message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { WeaveLive } from '../../src/weave/weave-live.js';
import { ClientOfStream, type LiveProcess, processOf, settled, sharedBus } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';
import { heldSid } from '../support/server-sessions.js';
import { SECRET } from '../support/sessions.js';

type Plain = Record<string, unknown>;

/** A bus that answers some calls only when it is told to. */
class HeldBus extends MemoryBus {
  readonly #held: (() => void)[] = [];
  isHolding = false;

  override async tabs(lineage: string): ReturnType<MemoryBus['tabs']> {
    if (this.isHolding) await new Promise<void>((resolve) => this.#held.push(resolve));
    return await super.tabs(lineage);
  }

  release(): void {
    this.isHolding = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

describe('A stream that is being opened', () => {
  let bus: HeldBus;
  let process: LiveProcess;

  beforeEach(() => {
    bus = new HeldBus();
    process = processOf(new SessionStorage<Plain, Plain>({ jwtSecret: SECRET }), { bus: sharedBus(bus) });
  });

  afterEach(() => process.live.close());

  /** Opens a stream, up to the moment at which the bus is asked for the tabs of other processes. */
  async function opening(): Promise<{ readonly sid: string; readonly tab: Promise<ClientOfStream> }> {
    const sid = await process.signIn();
    bus.isHolding = true;
    const tab = process.ask(sid, { instance: 'tab' });
    await settled();
    return { sid, tab };
  }

  it('is sent away by drain, which resolves, and a later one is answered 503', async () => {
    const { sid, tab } = await opening();
    await process.live.drain();
    bus.release();
    const client = await tab;
    expect([client.types, client.ended]).to.deep.equal([['reconnect'], 'end']);
    expect(process.live.connections()).to.deep.equal([]);
    expect((await process.ask(sid)).status).to.equal(503);
  });

  it('is sent away by close', async () => {
    const { tab } = await opening();
    const closing = process.live.close();
    bus.release();
    await closing;
    expect((await tab).types).to.deep.equal(['reconnect']);
    expect(process.live.connections()).to.deep.equal([]);
  });

  it('ends when its session ends meanwhile, with tokens that no list revokes, too', async () => {
    const { sid, tab } = await opening();
    const session = await process.storage.get(sid);
    process.storage.events.emit('ended', {
      id: session.id,
      lineage: session.lineage,
      uid: 'ann',
      reason: 'signed out',
    });
    bus.release();
    const client = await tab;
    expect([client.types, client.last]).to.deep.equal([['end'], { reason: 'signed out' }]);
  });

  it('is cut if another one takes its place meanwhile', async () => {
    const sid = await process.signIn();
    bus.isHolding = true;
    const first = process.ask(sid, { instance: 'tab', page: 'page' });
    await settled();
    const second = process.ask(sid, { instance: 'tab', page: 'page' });
    await settled();
    bus.release();
    expect([(await first).ended, (await first).text]).to.deep.equal(['cut', '']);
    expect([(await second).ended, (await second).types]).to.deep.equal([undefined, ['open']]);
  });

  it('is cut if more is sent to it meanwhile than may wait', async () => {
    const { tab } = await opening();
    await process.live.send('everyone', message('large', 'x'.repeat(300_000)));
    bus.release();
    expect([(await tab).ended, (await tab).text]).to.deep.equal(['cut', '']);
    expect(process.live.connections()).to.deep.equal([]);
  });

  it('counts for the limits', async () => {
    const { sid, tab } = await opening();
    const limited = processOf(process.storage, { bus: sharedBus(bus), limits: { perSession: 1 } });
    const first = limited.ask(sid, { instance: 'one' });
    await settled();
    expect((await limited.ask(sid, { instance: 'two' })).status).to.equal(429);
    bus.release();
    expect([(await first).status, (await tab).status]).to.deep.equal([200, 200]);
    await limited.live.close();
  });

  it('fails if its session cannot be checked', async () => {
    const sid = await process.signIn();
    const session = await process.storage.get(sid);
    const check = sinon.stub(process.storage, 'check').throws(new Error('away'));
    expect(await errorOf(() => process.ask(session))).to.have.property('code', 'ERR_SESSION_STORE_UNAVAILABLE');
    check.restore();
    expect(process.live.connections()).to.deep.equal([]);
  });
});

describe('The announcements of a process', () => {
  it('are made before it closes, however many wait', async () => {
    const bus = new MemoryBus();
    const slow = sharedBus(bus);
    const sessionStorage = (): SessionStorage<Plain, Plain> =>
      new SessionStorage<Plain, Plain>({ jwtSecret: SECRET, revocations: new RevocationList() });
    const [here, there] = [processOf(sessionStorage(), { bus: slow }), processOf(sessionStorage(), { bus: slow })];
    const sids = await Promise.all(Array.from({ length: 5 }, () => here.signIn()));
    const tabs = await Promise.all(sids.map((sid) => there.ask(sid)));
    const publish = bus.publish.bind(bus);
    sinon.stub(bus, 'publish').callsFake(async (...given) => {
      await new Promise((resolve) => setImmediate(resolve));
      return await publish(...given);
    });
    for (const sid of sids) await here.storage.revoke({ sid });
    await here.live.close();
    expect(tabs.map(({ ended }) => ended)).to.deep.equal(Array(5).fill('end'));
    await there.live.close();
  });

  it('use up none of the events that are kept for tabs', async () => {
    const bus = sharedBus(new MemoryBus());
    const process = processOf(new SessionStorage<Plain, Plain>({ jwtSecret: SECRET }), { bus, replay: 3 });
    const sid = await process.signIn();
    const tab = await process.ask(sid, { instance: 'tab' });
    tab.leave();
    await process.live.send({ uid: 'ann' }, message('kept'));
    for (let n = 0; n < 5; n += 1) {
      const other = await process.ask(sid, { instance: `other-${n}` });
      other.leave();
      (await process.ask(sid, { instance: `other-${n}`, last: other.lastId })).leave();
    }
    await settled();
    const back = await process.ask(sid, { instance: 'tab', last: tab.lastId });
    expect(back.types).to.deep.equal(['open', 'message']);
    expect(back.events[0]?.data).to.include({ instance: 'tab', replayed: true });
    await process.live.close();
  });
});

describe('WeaveLive', () => {
  let bus: HeldBus;
  let sessionStorage: SessionStorage<Plain, Plain>;
  let live: WeaveLive;
  let sid: string;

  beforeEach(async () => {
    bus = new HeldBus();
    sessionStorage = new SessionStorage<Plain, Plain>({ jwtSecret: SECRET });
    live = new WeaveLive({ sessionStorage, bus: sharedBus(bus), limits: { perSession: 1 } });
    sid = await heldSid(sessionStorage, {}, 'ann');
    const { id, lineage } = sessionStorage.get(sid);
    await live.handOver('earlier', lineage, 'tab');
    await live.send({ id, lineage }, message('reload'));
  });

  afterEach(() => live.close());

  async function ask(instance: string, client = new ClientOfStream()): Promise<ClientOfStream> {
    const session = sessionStorage.get(sid, { touch: false });
    await live.open({ session, method: 'GET', headers: {}, url: `/live?instance=${instance}` }, client);
    return client;
  }

  it('keeps what a tab is to resume from while its request is refused', async () => {
    const other = await ask('x');
    expect((await ask('tab')).status).to.equal(429);
    other.leave();
    expect((await ask('tab')).types).to.deep.equal(['open', 'message']);
  });

  it('keeps it if the client of the request goes away before the stream begins', async () => {
    bus.isHolding = true;
    const impatient = new ClientOfStream();
    const asked = ask('tab', impatient);
    await settled();
    impatient.leave();
    bus.release();
    await asked;
    expect((await ask('tab')).types).to.deep.equal(['open', 'message']);
  });
});
