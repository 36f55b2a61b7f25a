import { expect } from 'chai';
import { ClusterProcess } from './process.js';
import type { SharedSettings, SiteSettings } from './sites.js';
import { Tab } from './tab.js';
import { Talk } from './talk.js';

/** Short, so that nothing takes long. */
const SHARED: Omit<SharedSettings, 'redis'> = { heartbeat: 300, activityWindow: 2_000 };

/** Two processes with the same sites, each with another package for Redis. */
export class LiveCluster {
  readonly here: ClusterProcess;
  readonly there: ClusterProcess;

  private constructor(here: ClusterProcess, there: ClusterProcess) {
    this.here = here;
    this.there = there;
  }

  static async start(sites: readonly SiteSettings[]): Promise<LiveCluster> {
    const [here, there] = await Promise.all([
      ClusterProcess.start({ ...SHARED, redis: 'redis', sites }),
      ClusterProcess.start({ ...SHARED, redis: 'ioredis', sites }),
    ]);
    return new LiveCluster(here, there);
  }

  async stop(): Promise<void> {
    await Promise.all([this.here.kill(), this.there.kill()]);
  }

  /** Starts to send messages from both processes. */
  async talk(site: string): Promise<Talk> {
    return await Talk.begin([this.here, this.there], site, `talker-${site}`);
  }

  /** A session with a tab there; to be revoked here. */
  async signedIn(site: string, uid: string) {
    const sid = await this.here.signIn(site, uid);
    const tab = await Tab.open(this.there, site, sid, { instance: 'tab' });
    return {
      site,
      sid,
      tab,
      revoke: (reason: string) => this.here.do(site, { kind: 'revoke', sid, reason }),
      /** No stream is opened any more. The bus may be faster than the log: a stream that was opened before ends when that arrives. */
      expectOver: async () => {
        await (await Tab.open(this.there, site, sid)).end();
        expect((await Tab.open(this.there, site, sid)).status).to.equal(204);
      },
    };
  }

  /** Everything that crosses from one process to the other, while nothing breaks. */
  async expectsCarried(site: string): Promise<void> {
    const { here, there } = this;
    const send = (to: { readonly uid: string } | { readonly sid: string; readonly instance: string }, name: string) =>
      here.do(site, { kind: 'send', to, name });
    const { sid, tab, revoke, expectOver } = await this.signedIn(site, 'ann');
    const other = await Tab.open(there, site, sid, { instance: 'other' });
    await send({ sid, instance: 'other' }, 'for one tab');
    await send({ uid: 'ann' }, 'for ann');
    await send({ uid: 'bob' }, 'for bob');
    for (const one of [tab, other]) await one.until(({ names }) => names.includes('for ann'));
    expect([tab.names, other.names]).to.deep.equal([['for ann'], ['for one tab', 'for ann']]);

    const moving = await Tab.open(here, site, sid, { instance: 'moving' });
    await send({ uid: 'ann' }, 'before');
    await moving.until(({ names }) => names.includes('before'));
    moving.leave();
    const missed = ['one', 'two', 'three'];
    for (const name of missed) await send({ uid: 'ann' }, name);
    const moved = await Tab.open(there, site, sid, { instance: 'moving', last: moving.lastId });
    expect(moved.status).to.equal(200);
    expect(moved.events[0]?.type).to.equal('open');
    expect(moved.events[0]?.data).to.deep.include({ instance: 'moving', replayed: true });
    await send({ uid: 'ann' }, 'after');
    await moved.until(({ names }) => names.includes('after'));
    expect(moved.names).to.deep.equal([...missed, 'after']);

    // The id of the event is ann's, and the session bob's.
    const bob = await this.signedIn(site, 'bob');
    const prying = await Tab.open(there, site, bob.sid, { instance: 'prying', last: moving.lastId });
    await send({ uid: 'bob' }, 'hello');
    await prying.until(({ names }) => names.includes('hello'));
    expect(prying.events[0]?.type).to.equal('open');
    expect(prying.events[0]?.data).to.deep.include({ instance: 'prying', replayed: false });
    expect(prying.names).to.deep.equal(['hello']);
    prying.leave();

    await revoke('stolen');
    for (const one of [tab, other, moved]) {
      expect(await one.end()).to.deep.include({ type: 'end', data: { reason: 'stolen' } });
    }
    await expectOver();
  }
}
