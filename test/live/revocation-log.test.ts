import { expect } from 'chai';
import {
  MemoryStore,
  RevocationList,
  type RevokeTarget,
  ServerSessionStorage,
  SessionStorage,
} from '../../src/index.js';
import { type EitherStorage, type LiveProcess, processOf, settled } from '../support/live-streams.js';
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

for (const [kind, make] of KINDS) {
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
