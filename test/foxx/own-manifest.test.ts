import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { ConfigurationDefinition } from '../../src/foxx/manifest.js';
import { readManifest } from '../../src/foxx/manifest-file.js';
import { optionDefaults } from '../../src/storage/token/options.js';
import { SessionStorage } from '../../src/storage/token/session-storage.js';
import { errorOf } from '../support/outcomes.js';
import { secret } from './site.js';
import { warningsDuring } from './support.js';

const root = new URL('../../', import.meta.url);

/** Options that no JSON can state. */
const IN_CODE_ONLY = ['sessionData', 'userData', 'migrate', 'revocations', 'registry', 'maxSessionsPerUser', 'clock'];

/** A value that each type is for, where the option has no default, and one that it is not. */
const SAMPLES: Readonly<Record<string, { fits: unknown; refused: unknown }>> = {
  integer: { fits: 1000, refused: '1000' },
  string: { fits: 'text', refused: 1000 },
  password: { fits: secret, refused: 1000 },
};

function storageWith(key: string, value: unknown): unknown {
  return Reflect.construct(SessionStorage, [{ jwtSecret: secret, [key]: value }]);
}

describe('the manifest of this package', () => {
  let configuration: Readonly<Record<string, ConfigurationDefinition>>;
  const defaults = optionDefaults();

  before(async () => {
    ({ configuration } = (await readManifest(new URL('manifest.json', root))).manifest);
  });

  it('says of the package what package.json says', async () => {
    const { manifest } = await readManifest(new URL('manifest.json', root));
    const { name, version, description, license, engines } = JSON.parse(
      await readFile(new URL('package.json', root), 'utf8'),
    );
    expect(manifest).to.deep.include({ name, version, description, license, engines });
  });

  it('has nothing in it that nobody reads', async () => {
    expect(await warningsDuring(() => readManifest(new URL('manifest.json', root)))).to.deep.equal([]);
  });

  it('has each option of SessionStorage but those that only code can give', () => {
    const expected = Object.keys(defaults).filter((key) => !IN_CODE_ONLY.includes(key));
    expect(Object.keys(configuration)).to.have.members(expected);
    expect(Object.keys(defaults)).to.include.members(IN_CODE_ONLY);
  });

  for (const [key, value] of Object.entries(optionDefaults())) {
    if (IN_CODE_ONLY.includes(key)) continue;

    it(`gives ${key} the default of the option`, () => {
      expect(configuration[key]).to.have.property('type');
      expect(configuration[key]?.default).to.equal(value ?? undefined);
    });

    it(`gives ${key} the type of the option`, async () => {
      const { fits, refused } = SAMPLES[configuration[key]?.type ?? ''] ?? { fits: Number.NaN, refused: 0 };
      expect(() => storageWith(key, value ?? fits)).not.to.throw();
      const error = await errorOf(() => storageWith(key, refused));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(key);
    });
  }

  it('leaves every key without a default optional, jwtSecret being asked for by the module', () => {
    for (const [key, { required, default: value }] of Object.entries(configuration)) {
      expect(required, key).to.equal(value !== undefined);
    }
  });

  it('hides jwtSecret, and nothing else, from whoever inspects the configuration', () => {
    const passwords = Object.keys(configuration).filter((key) => configuration[key]?.type === 'password');
    expect(passwords).to.deep.equal(['jwtSecret']);
  });

  it('describes every key', () => {
    for (const { description } of Object.values(configuration)) expect(description).to.match(/^\w.{15,}\S$/);
  });
});
