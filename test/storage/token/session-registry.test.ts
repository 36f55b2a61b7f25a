import { expect } from 'chai';
import { build } from 'esbuild';
import sinon from 'sinon';
import { MemoryStore, RevocationList, SessionRegistry, SessionStorage } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { errorOf } from '../../support/outcomes.js';
import { issuedBy, SECRET } from '../../support/sessions.js';
import { untypedStorage } from '../../support/token-fixtures.js';

const SWEEP_AT_LATEST = 360_000;

describe('SessionRegistry', () => {
  it('takes a store, and says what is wrong with anything else', () => {
    const cases: readonly (readonly [unknown, string])[] = [
      [undefined, 'expected a Store, such as new MemoryStore(), got undefined'],
      [{ store: new MemoryStore() }, 'expected a Store, such as new MemoryStore(), got an object'],
      [new Map(), 'expected a Store: stores of express-session and clients do not fit'],
      [Object.assign(new MemoryStore(), { touch: undefined }), 'expected a Store, with the methods touch too'],
    ];
    for (const [store, message] of cases) {
      const error = errorOf(() => Reflect.construct(SessionRegistry, [store]), TypeError);
      expect(error.message).to.include(`SessionRegistry: ${message}`);
    }
  });

  it('is what the option registry expects, instead of its store', () => {
    const revocations = new RevocationList();
    for (const registry of [new MemoryStore(), SessionRegistry, {}]) {
      expect(() => untypedStorage({ jwtSecret: SECRET, revocations, registry })).to.throw(
        TypeError,
        'SessionStorage: option registry: expected a SessionRegistry: pass registry: new SessionRegistry(store), got',
      );
    }
  });

  it('is named by the error for the option store', () => {
    expect(() => untypedStorage({ jwtSecret: SECRET, store: new MemoryStore() })).to.throw(
      TypeError,
      'To list the sessions of a user, write registry: new SessionRegistry(store)',
    );
  });

  describe('of several storages', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers({ now: 1_700_000_000_000, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    });

    afterEach(() => clock.restore());

    const storageOn = (registry: SessionRegistry): SessionStorage =>
      new SessionStorage({ jwtSecret: SECRET, revocations: new RevocationList(), registry });
    const sweeps = (store: FaultyStore): number => store.callsOf('sweep').length;

    it('lists the sessions of all of them', async () => {
      const registry = new SessionRegistry(new MemoryStore());
      const [one, other] = [storageOn(registry), storageOn(registry)];
      for (const storage of [one, other]) await issuedBy(storage.commit(storage.create().setUser('u1')));
      expect(await one.listOfUser('u1')).to.have.lengthOf(2);
      await Promise.all([one.close(), other.close()]);
    });

    it('is swept until they are closed, and its store stays open', async () => {
      const store = new FaultyStore(new MemoryStore());
      const registry = new SessionRegistry(store);
      await clock.tickAsync(SWEEP_AT_LATEST);
      expect(sweeps(store)).to.equal(0);
      const [one, other] = [storageOn(registry), storageOn(registry)];
      await clock.tickAsync(SWEEP_AT_LATEST);
      expect(sweeps(store)).to.equal(2);
      store.forgetCalls();
      await one.close();
      await clock.tickAsync(SWEEP_AT_LATEST);
      expect(store.calls).to.have.lengthOf(1);
      store.forgetCalls();
      await other.close();
      await clock.tickAsync(2 * SWEEP_AT_LATEST);
      expect(store.calls).to.deep.equal([]);
    });
  });
});

describe('A bundle of a program with sessions in tokens', () => {
  const filesOf = async (use: string): Promise<readonly string[]> => {
    const { metafile } = await build({
      stdin: { contents: `import * as all from 'sessions-jwt';\n${use}`, resolveDir: import.meta.dirname },
      bundle: true,
      platform: 'node',
      format: 'esm',
      tsconfigRaw: {},
      metafile: true,
      write: false,
    });
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
    return inputs
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path.replace(/^.*\bdist\/storage\//, ''));
  };
  const OF_REGISTRY = [
    'guarded-store.js',
    'session-limit.js',
    'store-option.js',
    'sweeper.js',
    'token/registration.js',
    'token/registry-record.js',
    'token/registry.js',
    'token/session-registry.js',
  ];

  it('has the registry only if the program makes one', async () => {
    const storage = 'new all.SessionStorage({ jwtSecret: process.env.SECRET });';
    const without = await filesOf(storage);
    expect(without).to.include('token/session-storage.js');
    expect(without.filter((file) => OF_REGISTRY.includes(file))).to.deep.equal([]);
    expect(await filesOf(`new all.SessionRegistry(new all.MemoryStore());\n${storage}`)).to.include.members(
      OF_REGISTRY,
    );
  });
});
