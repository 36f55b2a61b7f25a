import { expect } from 'chai';
import { parseManifest } from '../../src/foxx/manifest.js';
import { errorOf } from '../support/outcomes.js';
import { warningsDuring } from './support.js';

const base = { name: 'shop', version: '1.0.0' };
const parse = (extra: object) => parseManifest({ ...base, ...extra }, 'shop/manifest.json');

describe('a Foxx manifest', () => {
  it('needs no more than a name and a version, and fills in the rest', () => {
    expect(parse({})).to.deep.equal({
      ...base,
      engines: {},
      configuration: {},
      dependencies: {},
      controllers: {},
      scripts: {},
      tests: [],
    });
  });

  it('reads every type of configuration, also by its short name, string by default', () => {
    const types = ['string', 'integer', 'int', 'number', 'boolean', 'bool', 'password', 'json'];
    const configuration = { ...Object.fromEntries(types.map((type) => [type, { type }])), none: {} };
    const read = Object.entries(parse({ configuration }).configuration).map(([key, { type }]) => `${key}=${type}`);
    expect(read).to.deep.equal([
      'string=string',
      'integer=integer',
      'int=integer',
      'number=number',
      'boolean=boolean',
      'bool=boolean',
      'password=password',
      'json=json',
      'none=string',
    ]);
  });

  it('takes a configuration key to be required unless it says otherwise', () => {
    const { configuration } = parse({ configuration: { a: {}, b: { required: false } } });
    expect([configuration['a']?.required, configuration['b']?.required]).to.deep.equal([true, false]);
  });

  it('writes out the short form of a dependency', () => {
    const { dependencies } = parse({
      dependencies: { a: 'sessions-jwt:^1.0.0', b: '@acme/mail', c: { name: 'queue', required: false } },
    });
    expect(dependencies).to.deep.equal({
      a: { name: 'sessions-jwt', version: '^1.0.0', required: true },
      b: { name: '@acme/mail', version: '*', required: true },
      c: { name: 'queue', version: '*', required: false },
    });
  });

  it('mounts a lone controller at / and takes a lone test as a list', () => {
    const { controllers, tests } = parse({ controllers: './app.js', tests: 'test/*.js' });
    expect({ controllers, tests }).to.deep.equal({ controllers: { '/': './app.js' }, tests: ['test/*.js'] });
  });

  it('is frozen all the way down and leaves what it was given alone', () => {
    const json = { ...base, configuration: { limits: { type: 'json', default: { deep: [1] } } } };
    const manifest = parseManifest(json, 'm.json');
    expect(manifest).to.be.frozen;
    expect(manifest.configuration['limits']?.default).to.be.frozen;
    expect(json.configuration.limits.default.deep).not.to.be.frozen;
  });

  it('warns of a top-level key nothing reads, naming it and the file, and tolerates informational ones', async () => {
    const warnings = await warningsDuring(() => parse({ keywords: ['x'], $schema: 'http://x', contollers: './a.js' }));
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.code).to.equal('SESSIONS_UNKNOWN_MANIFEST_KEY');
    expect(warnings[0]?.message)
      .to.contain('shop/manifest.json')
      .and.contain('"contollers"')
      .and.not.contain('keywords');
  });

  const wrong: Record<string, [object, string]> = {
    'a missing name': [{ name: undefined }, 'name'],
    'a name with a colon': [{ name: 'a:b' }, 'name'],
    'a version that is not semver': [{ version: '1.0' }, 'version'],
    'an unknown configuration type': [{ configuration: { a: { type: 'date' } } }, 'configuration.a.type'],
    'a misspelt property of a configuration key': [{ configuration: { a: { requird: false } } }, 'configuration.a'],
    'a default of another type': [{ configuration: { a: { type: 'int', default: '5' } } }, 'configuration.a.default'],
    'a dependency range that is not semver': [{ dependencies: { a: 'b:latest!' } }, 'dependencies.a.version'],
    'a dependency without a name': [{ dependencies: { a: { version: '1' } } }, 'dependencies.a.name'],
    'a controller mounted without a slash': [{ controllers: { admin: './a.js' } }, 'controllers'],
    'exports that are a number': [{ exports: 1 }, 'exports'],
    'a script that is an object': [{ scripts: { a: {} } }, 'scripts.a'],
    'exports that climb out of the folder': [{ exports: '../other/index.js' }, 'exports'],
    'one of the exports out of the folder': [{ exports: { a: './lib/../../x.js' } }, 'exports.a'],
    'an absolute main': [{ main: '/etc/passwd' }, 'main'],
    'a main on another drive': [{ main: 'C:x.js' }, 'main'],
    'a controller out of the folder, backwards': [{ controllers: { '/': '..\\x.js' } }, 'controllers["/"]'],
    'a script out of the folder': [{ scripts: { a: 'x/../..' } }, 'scripts.a'],
  };
  for (const [what, [extra, key]] of Object.entries(wrong)) {
    it(`refuses ${what} with a TypeError that names the key and the file`, async () => {
      const error = await errorOf(() => parse(extra));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.match(/^shop\/manifest\.json: /);
      expect(error.message).to.contain(`${key}: `);
    });
  }

  it('refuses anything but an object', async () => {
    for (const json of [null, [], 'text', 1]) {
      expect(await errorOf(() => parseManifest(json, 'm.json'))).to.be.instanceOf(TypeError);
    }
  });

  it('takes a path with two dots in a file name for what it is', () => {
    expect(parse({ main: './..hidden/a..b.js' }).main).to.equal('./..hidden/a..b.js');
  });
});
