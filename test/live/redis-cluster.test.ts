import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LiveCluster } from '../support/live-cluster/cluster.js';
import { Tab } from '../support/live-cluster/tab.js';
import { temporaryFolder } from '../support/servers/program.js';
import { ownRedis, type RedisServer, sharedRedis } from '../support/servers/redis.js';

describe('live sessions in two processes over Redis', function () {
  this.timeout(25_000);

  let volatile: RedisServer;
  let durable: RedisServer;
  let cluster: LiveCluster;
  let elsewhere: string;

  before(async function () {
    const { port } = await sharedRedis(this);
    [volatile, durable] = await Promise.all([ownRedis(this), ownRedis(this, { isDurable: true })]);
    const log = join(temporaryFolder(), 'log');
    writeFileSync(log, '');
    // Other runs use the same Redis.
    elsewhere = `elsewhere-${durable.port}`;
    cluster = await LiveCluster.start([
      { name: 'log', bus: volatile.port, log },
      { name: 'no-log', bus: volatile.port },
      { name: elsewhere, bus: durable.port, store: port },
      { name: 'same', bus: durable.port, store: durable.port },
      { name: 'tokens', bus: volatile.port, log, heartbeat: 60_000 },
      { name: 'stored', bus: durable.port, store: durable.port, heartbeat: 60_000 },
    ]);
  });

  after(async () => {
    await cluster?.stop();
    await Promise.all([volatile, durable].map((server) => server?.process.stop('SIGKILL')));
  });

  for (const site of ['tokens', 'stored']) {
    it(`carries messages, ends and what a tab missed to where the tab is (${site})`, () =>
      cluster.expectsCarried(site));
  }

  it('goes on across a crash of Redis while messages are sent, and ends what was revoked meanwhile', async () => {
    const { here } = cluster;
    const talks = await Promise.all([cluster.talk('log'), cluster.talk(elsewhere)]);
    const victims = await Promise.all(
      ['log', 'no-log', elsewhere, 'same'].map((site) => cluster.signedIn(site, 'eve')),
    );
    const [logged, announced, stored, same] = victims;
    const survivor = await cluster.signedIn('same', 'zoe');

    await Promise.all([volatile, durable].map(({ process }) => process.stop('SIGKILL')));
    // The storage knows of the end, and the bus cannot say so: the log, or the heartbeat, does.
    for (const victim of [logged, announced, stored]) await victim?.revoke('stolen');
    expect(await logged?.tab.end()).to.deep.include({ type: 'end', data: { reason: 'stolen' } });
    expect(await stored?.tab.end()).to.deep.include({ type: 'end', data: { reason: 'ended' } });
    // Nobody knows whether these sessions live.
    const refused = await same?.revoke('stolen').catch((error: unknown) => String(error));
    expect(refused).to.include('ERR_SESSION_STORE_UNAVAILABLE');
    for (const { tab } of [same, survivor].filter((one) => one !== undefined)) {
      expect(await tab.end()).to.deep.include({ type: 'reconnect', data: { reason: 'unchecked' } });
    }
    expect(announced?.tab.events.at(-1)).to.deep.include({ type: 'open' });
    expect(announced?.tab.isOver).to.equal(false);
    await Promise.all([volatile, durable].map(({ process }) => process.start()));

    for (const talk of talks) await talk.expectWhole();
    // The durable one lost nothing.
    expect(talks.map(({ hasMissed }) => hasMissed)).to.deep.equal([true, false]);
    expect(await announced?.tab.end()).to.deep.include({ type: 'end', data: { reason: 'stolen' } });
    await same?.revoke('stolen');
    // Without a log, no other process than the one that revoked it knows of a token.
    for (const victim of [logged, stored, same]) await victim?.expectOver();
    const back = await Tab.open(here, 'same', survivor.sid, { instance: 'tab', last: survivor.tab.lastId });
    expect(back.events[0]?.type).to.equal('open');
    expect(back.events[0]?.data).to.deep.include({ instance: 'tab', replayed: true });
    back.leave();
  });

  it('forgets the tabs of a process that was killed, and no other stream notices', async () => {
    const { here, there } = cluster;
    const sid = await here.signIn('log', 'kim');
    await Tab.open(here, 'log', sid, { instance: 'dies' });
    const lives = await Tab.open(there, 'log', sid, { instance: 'lives' });
    expect(await here.visit('log', sid, 'dies')).to.equal(200);
    // Longer than it is believed to be open without a new sign of life.
    await lives.until(({ beats }) => beats > 8);
    expect(await there.openTabs('log', sid)).to.have.members(['dies', 'lives']);
    const { events } = lives;
    const before = events.length;
    await here.kill();
    while ((await there.openTabs('log', sid)).includes('dies')) await lives.nextBeat();
    while ((await there.do('log', { kind: 'last-activity', sid })) !== undefined) {
      await lives.nextBeat();
    }
    expect(await there.openTabs('log', sid)).to.deep.equal(['lives']);
    expect(lives.isOver).to.equal(false);
    expect(events).to.have.lengthOf(before);
    await there.do('log', { kind: 'send', to: { uid: 'kim' }, name: 'still' });
    await lives.until(({ names }) => names.includes('still'));
    lives.leave();
  });
});
