import { expect } from 'chai';
import { activateSessions } from '../../src/adapters/fetch.js';
import {
  type CommitOptions,
  type CommitResult,
  MemoryStore,
  type ServerSession,
  ServerSessionStorage,
} from '../../src/index.js';
import { nextTurn } from '../support/deferred-head.js';

interface Data {
  n?: number;
}

/** What an application may do to see what becomes of its sessions. */
class Audited extends ServerSessionStorage<Data, object> {
  readonly outcomes: CommitResult['outcome'][] = [];

  override async commit(session: ServerSession<Data, object>, options?: CommitOptions): Promise<CommitResult> {
    const result = await super.commit(session, options);
    this.outcomes.push(result.outcome);
    return result;
  }
}

describe('A subclass of ServerSessionStorage with a commit of its own', () => {
  it('sees each request, and what is saved after its response', async () => {
    const storage = new Audited({ store: new MemoryStore(), sweepInterval: null });
    const sessions = activateSessions({ sessionStorage: storage, cookie: true });
    const session = await storage.create({ n: 1 });
    const headers = { cookie: `sid=${session.forClient()}` };
    await sessions(() => new Response())(new Request('http://a/', { headers }));
    expect(storage.outcomes).to.deep.equal(['unchanged']);
    await sessions((_request, { session: late }) => {
      setImmediate(() => {
        late.sessionData.n = 2;
      });
      return new Response();
    })(new Request('http://a/', { headers }));
    while (storage.outcomes.length < 3) await nextTurn();
    expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ n: 2 });
    await storage.close();
  });
});
