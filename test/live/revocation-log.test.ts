import { expect } from 'chai';
import {
  MemoryStore,
  RevocationList,
  RevocationsStale,
  type RevokeTarget,
  ServerSessionStorage,
  SessionStorage,
} from '../../src/index.js';
import { type FakeTime, fakeTime } from '../support/fake-time.js';
import { type EitherStorage, type LiveProcess, processOf, settled } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';
import { SECRET } from '../support/sessions.js';
import { type LogConnection, SharedLog } from '../support/shared-log.js';

type Plain = Record<string, unknown>;

const KINDS: readonly (readonly [string, () => (revocations: RevocationList) => EitherStorage])[] = [
  ['tokens', () => (revocations) => new SessionStorage<Plain, Plain>({ jwtSecret: SECRET, revocations })],
  [
    'a store',
    () => {
      const store = new MemoryStore();
      return (revocations) => new ServerSessionStorage<Plain, Plain>({ store, revocations, sweepInterval: null });
    },
  ],
];

const BOUND = 30_000;

for (const [kind, make] of KINDS) {
  describe(`Streams of sessions in ${kind}, in a process that cannot read the log`, () => {
    let time: FakeTime;
    let list: RevocationList | undefined;
    let process: LiveProcess | undefined;

    beforeEach(() => {
      time = fakeTime(1_800_000_000_000);
    });

    afterEach(async () => {
      await process?.live.close();
      await list?.close();
      time.restore();
    });

    /** A stream of a process whose log does not answer from now on. */
    async function streamThere(whenStale: 'allow' | 'deny') {
      const connection = new SharedLog().connect();
      list = new RevocationList({ log: connection, bound: BOUND, whenStale });
      await list.ready();
      process = processOf(make()(list));
      const sid = await process.signIn();
      const stream = await process.ask(sid);
      connection.hold();
      return { stream, connection, sid, ask: process.ask };
    }

    if (kind === 'tokens') {
      it('are sent away within a second after the bound, and come back when the log has answered', async () => {
        const { stream, connection, sid, ask } = await streamThere('deny');
        await time.pass(BOUND);
        expect(stream.ended).to.equal(undefined);
        await time.pass(1_000);
        await settled();
        expect([stream.types, stream.last]).to.deep.equal([['open', 'reconnect'], { reason: 'unchecked' }]);
        expect(await errorOf(() => ask(sid))).to.be.instanceOf(RevocationsStale);
        connection.deliver();
        await time.pass(1_000);
        expect((await ask(sid)).types).to.deep.equal(['open']);
      });
    }

    it(kind === 'tokens' ? "go on with whenStale: 'allow'" : 'go on: the store knows of every end', async () => {
      const { stream } = await streamThere(kind === 'tokens' ? 'allow' : 'deny');
      await time.pass(4 * BOUND);
      await settled();
      expect(stream.types).to.deep.equal(['open']);
    });
  });

  describe(`Streams of sessions in ${kind}, in another process than the one that ends them, with a shared log and no bus`, () => {
    let log: SharedLog;
    let connections: readonly [LogConnection, LogConnection];
    let lists: readonly RevocationList[];
    let here: LiveProcess;
    let there: LiveProcess;

    beforeEach(async () => {
      log = new SharedLog();
      connections = [log.connect(), log.connect()];
      lists = connections.map((connection) => new RevocationList({ log: connection }));
      const storageOf = make();
      const [first, second] = lists.map((list) => processOf(storageOf(list)));
      if (first === undefined || second === undefined) throw new Error('two processes');
      [here, there] = [first, second];
      await Promise.all(lists.map((list) => list.ready()));
    });

    afterEach(async () => {
      await Promise.all([here.live.close(), there.live.close()]);
      await Promise.all(lists.map((list) => list.close()));
    });

    const TARGETS: readonly (readonly [string, (sid: string) => RevokeTarget])[] = [
      ['{ sid }', (sid) => ({ sid })],
      ['{ uid }', () => ({ uid: 'ann' })],
      ["'everyone'", () => 'everyone'],
    ];
    for (const [name, target] of TARGETS) {
      it(`end once that process has read ${name}, with its reason`, async () => {
        const sid = await here.signIn('ann');
        const stream = await there.ask(sid);
        connections[1].hold();
        await here.storage.revoke(target(sid), { reason: 'stolen' });
        await settled();
        expect(stream.ended).to.equal(undefined);
        connections[1].deliver();
        await settled();
        expect([stream.types.at(-1), stream.last, stream.ended]).to.deep.equal(['end', { reason: 'stolen' }, 'end']);
      });
    }

    it('end by a snapshot of the log, read again because it had lost its place', async () => {
      const sid = await here.signIn('ann');
      const [stream, other] = [await there.ask(sid), await there.ask(await here.signIn('bob'))];
      connections[1].hold();
      await here.storage.revoke({ sid });
      log.lose(0);
      connections[1].deliver();
      await settled();
      expect([stream.ended, other.ended]).to.deep.equal(['end', undefined]);
    });
  });
}
