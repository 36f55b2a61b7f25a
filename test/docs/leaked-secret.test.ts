import { expect } from 'chai';
import { RevocationList, SessionNotFound, SessionStorage } from '../../src/index.js';
import { type LiveProcess, processOf, settled } from '../support/live-streams.js';
import { issuedBy } from '../support/sessions.js';
import { SharedLog } from '../support/shared-log.js';
import { blocksOf } from './blocks.js';
import { documentAt } from './documents.js';

type Plain = Record<string, unknown>;
type Tokens = SessionStorage<Plain, Plain>;

const LEAKED = 'the secret that leaked, long enough for a hash of 512 bits and more';
const FRESH = 'the secret that takes its place, long enough for a hash of 512 bits';
/** ms; more than the clock skew, and so little that the lists stay fresh. */
const LATER = 5_000;

describe('The runbook for a leaked secret', () => {
  let now = 0;
  const clock = { now: () => now };
  let lists: RevocationList[];
  let processes: LiveProcess[];
  let storages: readonly [Tokens, Tokens];

  /** A token that somebody makes who knows a secret. */
  const forged = (secret: string): string =>
    new SessionStorage({ jwtSecret: secret, clock }).create().setUser('admin').forClient();

  /** Whether each process opens it. */
  const opens = (sid: string): boolean[] =>
    storages.map((storage) => {
      try {
        return storage.get(sid, { touch: false }).uid !== undefined;
      } catch (error) {
        if (error instanceof SessionNotFound) return false;
        throw error;
      }
    });

  const replaceKeys = (keys: string | string[]): void => {
    for (const storage of storages) storage.replaceKeys(keys);
  };

  beforeEach(async () => {
    now = Date.now();
    const log = new SharedLog();
    lists = [new RevocationList({ log: log.connect() }), new RevocationList({ log: log.connect() })];
    const [here, there] = lists.map(
      (revocations) => new SessionStorage<Plain, Plain>({ jwtSecret: LEAKED, revocations, clock }),
    );
    if (here === undefined || there === undefined) throw new Error('two processes');
    storages = [here, there];
    processes = storages.map((storage) => processOf(storage));
    await Promise.all(lists.map((list) => list.ready()));
  });

  afterEach(async () => {
    await Promise.all(processes.map(({ live }) => live.close()));
    await Promise.all(lists.map((list) => list.close()));
  });

  it('in its order, ends all sessions and their streams, and refuses whatever the old secret signs', async () => {
    const before = [forged(LEAKED), storages[0].create().setUser('u1').forClient()];
    expect(before.flatMap(opens)).to.deep.equal([true, true, true, true]);
    const stream = await processes[1]?.ask(before[1]);
    replaceKeys(FRESH);
    now += LATER;
    for (const sid of [...before, forged(LEAKED)]) expect(opens(sid)).to.deep.equal([false, false]);
    expect(stream?.ended, 'keys do not end streams').to.equal(undefined);
    await storages[0].revoke('everyone', { reason: 'security', wait: 'instances' });
    await settled();
    expect([stream?.last, stream?.ended]).to.deep.equal([{ reason: 'security' }, 'end']);
    now += LATER;
    const again = storages[1].create().setUser('u1').forClient();
    expect(opens(again)).to.deep.equal([true, true]);
  });

  it('in the other order, lets in a token that was forged in between', async () => {
    await storages[0].revoke('everyone', { wait: 'instances' });
    now += LATER;
    expect(opens(forged(LEAKED))).to.deep.equal([true, true]);
  });

  it('with the old secret still behind the new one, signs forged sessions with the new one; revoking ends them', async () => {
    replaceKeys([FRESH, LEAKED]);
    const laundered = await issuedBy(storages[0].commit(storages[0].get(forged(LEAKED)).save()));
    replaceKeys(FRESH);
    expect(opens(laundered)).to.deep.equal([true, true]);
    now += LATER;
    await storages[1].revoke('everyone', { wait: 'instances' });
    expect(opens(laundered)).to.deep.equal([false, false]);
  });

  it('is on the page with these calls, in this order', () => {
    const { path, text } = documentAt('docs/scaling.md');
    const program = blocksOf(path, text, 'ts').find(({ code }) => code.includes('replaceKeys'))?.code ?? '';
    expect(program).to.match(/\.replaceKeys\(fresh\)[\s\S]*\.revoke\('everyone', \{ .*wait: 'instances' \}\)/);
  });
});
