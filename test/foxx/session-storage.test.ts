import { expect } from 'chai';
import { ApplicationContext } from '../../src/foxx/application-context.js';
import { NeedsConfiguration } from '../../src/foxx/errors.js';
import { type Manifest, parseManifest } from '../../src/foxx/manifest.js';
import { Service } from '../../src/foxx/service.js';
import sessionStorage, { type SessionStorageConfiguration } from '../../src/foxx/session-storage.js';
import type { SessionStorage } from '../../src/storage/token/session-storage.js';
import { errorOf } from '../support/outcomes.js';
import { secret } from './site.js';
import { warningsDuring } from './support.js';

const ownManifest = new URL('../../manifest.json', import.meta.url);

function manifest(): Manifest {
  return parseManifest({ name: 'sessions-jwt', version: '1.0.0' }, 'manifest.json');
}

function storageOf(configuration: SessionStorageConfiguration, of: Manifest = manifest()): SessionStorage {
  const parts = { configuration, dependencies: {}, manifest: of, mount: '/', basePath: '/' };
  return sessionStorage(new ApplicationContext(parts));
}

describe('the storage that this package exports as a service', () => {
  it('is made of the configuration', () => {
    const storage = storageOf({ jwtSecret: secret, timeToLive: 5000, ttlType: 'created', idleTimeout: 3000 });
    expect(storage.expiry).to.include({ created: 5000, lastAccess: 3000 });
    expect(storage.get(storage.create({ a: 1 }).forClient()).sessionData).to.deep.equal({ a: 1 });
  });

  it('needs jwtSecret, an empty one too, and says so by name', async () => {
    for (const configuration of [{}, { jwtSecret: '' }, { jwtSecret: undefined }] as const) {
      const error = await errorOf(() => storageOf(configuration), NeedsConfiguration);
      expect(error.keys).to.deep.equal(['jwtSecret']);
    }
  });

  it('needs none with jwtAlgorithm none, and refuses a real one', async () => {
    const warnings = await warningsDuring(() => storageOf({ jwtAlgorithm: 'none', jwtSecret: '' }));
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_UNSIGNED']);
    const error = await errorOf(() => storageOf({ jwtAlgorithm: 'none', jwtSecret: secret }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.contain('jwtSecret');
  });

  it('ends sessions before their time', async () => {
    const storage = storageOf({ jwtSecret: secret });
    const session = storage.create().setUser('u1');
    const sid = session.forClient();
    await storage.revoke({ uid: 'u1' });
    expect(await errorOf(() => storage.get(sid))).to.include({ reason: 'revoked' });
  });

  it('keeps ended sessions ended when its service is configured anew, and shares that with no other service', async () => {
    const one = manifest();
    const storage = storageOf({ jwtSecret: secret }, one);
    const sid = storage.create().forClient();
    await storage.delete(sid);
    const anew = storageOf({ jwtSecret: secret, timeToLive: 5000 }, one);
    expect(await errorOf(() => anew.get(sid))).to.include({ reason: 'revoked' });
    expect(storageOf({ jwtSecret: secret }).get(sid).id).to.be.a('string');
  });
});

describe('this package, loaded as a service', () => {
  type Exports = { readonly sessionStorage: SessionStorage };

  it('needs jwtSecret, and exports its storage once it has one', async () => {
    const service = await Service.load<Exports>(ownManifest);
    expect(service.missing).to.deep.equal(['jwtSecret']);
    await service.configure({ jwtSecret: secret });
    const first = service.exports.sessionStorage;
    expect(first.expiry).to.include({ lastAccess: 604_800_000 });
    const sid = first.create().forClient();
    await first.delete(sid);
    await service.configure({ ttlType: 'created' });
    const { sessionStorage: second } = service.exports;
    expect(second.expiry).to.include({ created: 604_800_000, lastAccess: null });
    expect(await errorOf(() => second.get(sid))).to.include({ reason: 'revoked' });
  });

  it('is refused with a value that is none of its options', async () => {
    const error = await errorOf(() =>
      Service.load(ownManifest, { configuration: { jwtSecret: secret, ttlType: 'x' } }),
    );
    expect(error.cause).to.be.instanceOf(TypeError);
    expect(String(error.cause)).to.contain('ttlType');
  });
});
