import { expect } from 'chai';
import { SqliteStore } from '../../../src/drivers/sqlite/index.js';
import {
  MemoryStore,
  RevocationList,
  SessionRegistry,
  SessionStorage,
  type SessionStorageOptions,
  type Store,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsOf } from '../../support/events.js';
import { errorOf, outcomeOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';
import { bench, issuedBy, SECRET } from '../../support/sessions.js';
import { type OpenDatabase, SQLITE } from '../../support/sqlite.js';
import { NOW } from '../../support/token-fixtures.js';

const WEEK = 604_800_000;

type Options = Partial<SessionStorageOptions<Record<string, unknown>, Record<string, unknown>>>;

/** A storage with a registry, and the store that it writes to. */
function registryBench(store: Store, options: Options = {}) {
  const registry = new FaultyStore(store);
  const clock = new FakeClock(NOW);
  const revocations = new RevocationList({ clock });
  const storage = new SessionStorage({
    jwtSecret: SECRET,
    clock,
    revocations,
    registry: new SessionRegistry(registry),
    ...options,
  });
  const signIn = async (uid = 'u1', info?: Record<string, unknown>): Promise<string> => {
    const session = storage.create().setUser(uid);
    if (info !== undefined) session.info = info;
    return await issuedBy(storage.commit(session));
  };
  return { clock, storage, registry, revocations, signIn };
}

interface Kind {
  readonly name: string;
  readonly open: () => Promise<{ readonly store: Store; readonly close: () => void }>;
}

const KINDS: readonly Kind[] = [
  { name: 'a MemoryStore', open: async () => ({ store: new MemoryStore(), close: () => undefined }) },
  {
    name: 'a SqliteStore',
    open: async () => {
      const database: OpenDatabase = new SQLITE.Database(':memory:');
      const store = new SqliteStore({ database });
      await store.migrate();
      return { store, close: () => void database.close() };
    },
  },
];

for (const { name, open } of KINDS) {
  describe(`A registry of token sessions in ${name}`, () => {
    let store: Store;
    let close: () => void;

    beforeEach(async () => {
      ({ store, close } = await open());
    });

    afterEach(() => close());

    guardRejections();

    it('lists the sessions of a user, the last used first, as a ServerSessionStorage does', async () => {
      const { clock, storage, signIn } = registryBench(store);
      const first = storage.get(await signIn('u1', { device: 'Firefox' }));
      clock.advance(5);
      const second = storage.get(await signIn());
      await signIn('u2');
      const { id, lineage } = first;
      expect(await storage.listOfUser('u1', { current: first })).to.deep.equal([
        {
          id: second.id,
          lineage: second.lineage,
          uid: 'u1',
          created: NOW + 5,
          lastAccess: NOW + 5,
          lastUpdate: NOW + 5,
          expires: NOW + 5 + WEEK,
          info: {},
          isCurrent: false,
        },
        {
          id,
          lineage,
          uid: 'u1',
          created: NOW,
          lastAccess: NOW,
          lastUpdate: NOW,
          expires: NOW + WEEK,
          info: { device: 'Firefox' },
          isCurrent: true,
        },
      ]);
      expect(await storage.listOfUser('u3')).to.deep.equal([]);
    });

    it('keeps up with tokens that are issued again, rotated, or whose info changes', async () => {
      const { clock, storage, signIn } = registryBench(store);
      let sid = await signIn();
      const { lineage } = storage.get(sid);
      clock.advance(700_000);
      sid = await issuedBy(storage.commit(storage.get(sid)));
      expect(await storage.listOfUser('u1')).to.have.nested.property('[0].lastAccess', NOW + 700_000);
      expect(await storage.listOfUser('u1')).to.have.nested.property('[0].expires', NOW + 700_000 + WEEK);
      clock.advance(1);
      const session = storage.get(sid);
      session.info = { device: 'Opera' };
      sid = await issuedBy(storage.commit(session));
      expect(await storage.listOfUser('u1')).to.have.deep.nested.property('[0].info', { device: 'Opera' });
      clock.advance(1);
      sid = await issuedBy(storage.commit(storage.get(sid).rotate()));
      const entries = await storage.listOfUser('u1');
      expect(entries.map((entry) => [entry.id, entry.lineage, entry.info])).to.deep.equal([
        [storage.get(sid).id, lineage, { device: 'Opera' }],
      ]);
    });

    it('follows forceInvalidate to the new lineage', async () => {
      const { storage, signIn } = registryBench(store);
      await signIn();
      for (const force of ['CurrentSessionId', 'AllSessionIdsOfLoggedUser'] as const) {
        const sid = await issuedBy(storage.commit(storage.get(await signIn()).forceInvalidate(force)));
        expect(await store.ofUser('u1', NOW)).to.have.lengthOf(force === 'CurrentSessionId' ? 2 : 1);
        const lineages = (await storage.listOfUser('u1')).map((entry) => entry.lineage);
        expect(lineages).to.include(storage.get(sid).lineage);
        expect(lineages.length).to.equal(force === 'CurrentSessionId' ? 2 : 1);
      }
    });

    it('forgets a session that changes or loses its user', async () => {
      const { storage, signIn } = registryBench(store);
      const sid = await issuedBy(storage.commit(storage.get(await signIn()).setUser('u2')));
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      expect(await storage.listOfUser('u2')).to.have.lengthOf(1);
      await storage.commit(storage.get(sid).setUser(null));
      expect(await store.ofUser('u2', NOW)).to.deep.equal([]);
      expect(await storage.listOfUser('u2')).to.deep.equal([]);
    });

    for (const [target, revoke] of [
      ['its own revoke()', (storage, sid) => storage.commit(storage.get(sid).revoke())],
      ['{ sid }', (storage, sid) => storage.revoke({ sid })],
      ['a session', (storage, sid) => storage.revoke(storage.get(sid))],
      ['its first id', (storage, sid) => storage.revoke({ id: storage.get(sid).lineage, uid: 'u1' })],
      ['{ id, lineage }', (storage, sid) => storage.revoke({ id: 'x', lineage: storage.get(sid).lineage })],
      ['{ uid }', (storage) => storage.revoke({ uid: 'u1' })],
      ['delete', (storage, sid) => storage.delete(sid)],
    ] satisfies readonly (readonly [string, (storage: SessionStorage, sid: string) => unknown])[]) {
      it(`removes the record of a session that ends by ${target}`, async () => {
        const { storage, signIn } = registryBench(store);
        const sid = await signIn();
        await signIn('u2');
        await revoke(storage, sid);
        // First: listing removes what is left of ended sessions.
        expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
        expect(await storage.listOfUser('u1')).to.deep.equal([]);
        expect(await storage.listOfUser('u2')).to.have.lengthOf(1);
      });
    }

    it("lists nothing after revoke('everyone'), except sessions that signed in since", async () => {
      const { clock, storage, signIn } = registryBench(store);
      await signIn();
      await storage.revoke('everyone');
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      clock.advance(1);
      await signIn();
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    });

    it('keeps the one that revoke({ uid, except }) leaves', async () => {
      const { storage, signIn } = registryBench(store);
      const kept = storage.get(await signIn());
      await signIn();
      await storage.revoke({ uid: 'u1', except: kept });
      expect((await storage.listOfUser('u1')).map(({ lineage }) => lineage)).to.deep.equal([kept.lineage]);
      expect(await store.ofUser('u1', NOW)).to.have.lengthOf(1);
    });

    it('lists no session that has expired, also by timeouts that were shortened since', async () => {
      const { clock, storage, signIn, revocations, registry } = registryBench(store);
      await signIn();
      clock.advance(1_000_000);
      const shorter = new SessionStorage({
        jwtSecret: SECRET,
        clock,
        revocations,
        registry: new SessionRegistry(registry),
        idleTimeout: 1_000_000,
      });
      expect(await shorter.listOfUser('u1')).to.deep.equal([]);
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
      clock.advance(WEEK);
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      await shorter.close();
      await storage.close();
    });

    it('returns entries that revoke and check take', async () => {
      const { storage, signIn } = registryBench(store);
      const sid = await signIn();
      const [entry = expect.fail('no entry')] = await storage.listOfUser('u1');
      expect(storage.check(entry)).to.deep.equal({ expires: NOW + WEEK });
      const emitted = eventsOf(storage, 'ended');
      await storage.revoke(entry);
      const { id, lineage } = entry;
      expect(emitted).to.deep.equal([['ended', { id, lineage, uid: 'u1', reason: 'revoked' }]]);
      expect(storage.check(entry)).to.equal('ended');
      expect(errorOf(() => storage.get(sid))).to.have.property('reason', 'revoked');
    });

    it('returns entries of which check knows that all sessions of the user were ended, and that they expired', async () => {
      const { clock, storage, signIn } = registryBench(store);
      await signIn();
      const [entry = expect.fail('no entry')] = await storage.listOfUser('u1');
      await storage.revoke({ uid: 'u1' });
      expect(storage.check(entry)).to.equal('ended');
      await signIn('u2');
      const [other = expect.fail('no entry')] = await storage.listOfUser('u2');
      clock.advance(WEEK);
      expect(storage.check(other)).to.equal('ended');
    });

    it('writes a record again that was lost, when its token is issued again', async () => {
      const { clock, storage, signIn } = registryBench(store);
      const sid = await signIn();
      for (const { id } of await store.ofUser('u1', NOW)) await store.delete(id);
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      clock.advance(700_000);
      await issuedBy(storage.commit(storage.get(sid)));
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    });

    it('lists a token of forClient() from the first commit on that issues it again', async () => {
      const { clock, storage } = registryBench(store);
      const sid = storage.create().setUser('u1').forClient();
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
      clock.advance(700_000);
      await issuedBy(storage.commit(storage.get(sid)));
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    });

    it('writes over a record that has expired while a token lived on', async () => {
      const { clock, storage, signIn } = registryBench(store);
      const sid = await signIn();
      clock.advance(WEEK - 1);
      const later = storage.get(sid).forClient();
      clock.advance(100_000);
      await issuedBy(storage.commit(storage.get(later).rotate()));
      expect(await storage.listOfUser('u1')).to.have.lengthOf(1);
    });

    it('is not asked, and makes no promise, where no token is issued or nobody is signed in', async () => {
      const { storage, registry, signIn } = registryBench(store);
      const sid = await signIn();
      registry.forgetCalls();
      expect(storage.commit(storage.get(sid))).to.deep.equal({ outcome: 'unchanged' });
      expect(storage.commit(storage.create({ a: 1 }))).to.have.property('outcome', 'issued');
      storage.get(sid).forClient();
      expect(registry.calls).to.deep.equal([]);
    });

    it('has no name, and nothing of the data, of a session in the ids of records', async () => {
      const { storage, signIn } = registryBench(store);
      const { id, lineage } = storage.get(await signIn());
      const [record = expect.fail('no record')] = await store.ofUser('u1', NOW);
      expect([record.id, record.lineage]).not.to.include.members([id, lineage]);
      expect(Object.keys(JSON.parse(record.body))).to.have.members(['jti', 'lin', 'since', 'order']);
    });

    it('ignores records of others in the same store', async () => {
      const { storage } = registryBench(store);
      const times = { created: NOW, lastAccess: NOW, lastUpdate: NOW, expiresAt: null };
      for (const body of ['{}', 'x', '{"jti":"a","lin":"b","since":1,"order":1}'])
        await store.create({ id: `r${body.length}`, lineage: 'b', version: 0, uid: 'u1', body, ...times });
      expect(await storage.listOfUser('u1')).to.deep.equal([]);
    });

    it('refuses to issue a token again for a session that another process ended, before the list knows it', async () => {
      const first = registryBench(store);
      const sid = await first.signIn();
      const second = registryBench(store);
      await second.storage.revoke({ sid });
      first.clock.advance(700_000);
      expect(await outcomeOf(first.storage.commit(first.storage.get(sid)))).to.equal('withheld');
      expect(await outcomeOf(first.storage.commit(first.storage.get(sid).rotate()))).to.equal('withheld');
      expect(await store.ofUser('u1', NOW)).to.deep.equal([]);
    });

    it('says what it can do', () => {
      expect(registryBench(store).storage.abilities).to.include({ stateless: true, listOfUser: true });
    });
  });
}

describe('The option registry of a SessionStorage', () => {
  it('needs revocations, and is needed by maxSessionsPerUser', () => {
    const registry = new SessionRegistry(new MemoryStore());
    expect(() => bench({ registry })).to.throw(
      TypeError,
      'SessionStorage: option registry needs the option revocations: pass revocations: new RevocationList()',
    );
    expect(() => bench({ maxSessionsPerUser: 1, revocations: new RevocationList() })).to.throw(
      TypeError,
      'option maxSessionsPerUser needs the option registry: pass registry: new SessionRegistry(store), or use a ServerSessionStorage',
    );
    expect(() => bench({ onReuse: 'revoke' })).to.throw(
      TypeError,
      "option onReuse: 'revoke' needs the option revocations",
    );
  });

  it('is named by listOfUser without one', async () => {
    const error = await errorOf(() => bench().storage.listOfUser('u1'), TypeError);
    expect(error.message)
      .to.include('the option registry: new SessionRegistry(store)')
      .and.include('ServerSessionStorage');
  });

  it('listOfUser names wrong arguments', async () => {
    const { storage } = registryBench(new MemoryStore());
    await errorOf(() => storage.listOfUser(''), TypeError);
    const wrong: object = { curent: undefined };
    expect((await errorOf(() => storage.listOfUser('u1', wrong), TypeError)).message).to.include('curent');
  });
});
