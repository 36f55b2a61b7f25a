import { inspect } from 'node:util';
import { expect } from 'chai';
import { resolveConfiguration } from '../../src/foxx/configuration.js';
import type { ConfigurationType } from '../../src/foxx/configuration-type.js';
import { parseManifest } from '../../src/foxx/manifest.js';
import { errorOf } from '../support/outcomes.js';

function resolve(definitions: object, given: Readonly<Record<string, unknown>> = {}) {
  const { configuration } = parseManifest({ name: 'x', version: '1.0.0', configuration: definitions }, 'x.json');
  return resolveConfiguration(configuration, given);
}

const cases: Record<ConfigurationType, { fits: unknown[]; refused: unknown[] }> = {
  string: { fits: ['', 'text'], refused: [1, true, null, {}, ['a']] },
  password: { fits: ['', 'secret'], refused: [1, null, Buffer.from('x')] },
  integer: { fits: [0, -5, 604_800_000], refused: [1.5, '5', Number.NaN, Number.POSITIVE_INFINITY, 5n, null] },
  number: { fits: [0, 1.5, -2], refused: ['1.5', Number.NaN, Number.POSITIVE_INFINITY, null] },
  boolean: { fits: [true, false], refused: ['true', 1, 0, null] },
  json: { fits: [null, 5, true, [1], { a: { b: [] } }], refused: ['{broken', new Date(0), Number.NaN, () => 1] },
};

describe('configuration of a service', () => {
  for (const [type, { fits, refused }] of Object.entries(cases)) {
    for (const value of fits) {
      it(`takes ${inspect(value)} for type ${type}`, () => {
        expect(resolve({ key: { type } }, { key: value }).values).to.deep.equal({ key: value });
      });
    }
    for (const value of refused) {
      it(`refuses ${inspect(value)} for type ${type} with a TypeError that names the key and the type`, async () => {
        const error = await errorOf(() => resolve({ key: { type } }, { key: value }));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.match(new RegExp(`^configuration\\.key must be .*\\(type ${type}\\)`));
      });
    }
  }

  it('reads the text of a json value, and freezes what it gives', () => {
    const { values } = resolve({ limits: { type: 'json' } }, { limits: '{"perUser":{"max":3}}' });
    expect(values).to.deep.equal({ limits: { perUser: { max: 3 } } });
    expect(values).to.be.frozen;
    expect(Object(values['limits']).perUser).to.be.frozen;
  });

  it('neither freezes nor shares a json value it was given', () => {
    const limits = { max: [3] };
    const { values } = resolve({ limits: { type: 'json' } }, { limits });
    limits.max.push(4);
    expect(values).to.deep.equal({ limits: { max: [3] } });
  });

  it('says that text from the environment is not converted', async () => {
    const error = await errorOf(() => resolve({ timeToLive: { type: 'integer' } }, { timeToLive: '604800000' }));
    expect(error.message).to.contain('not converted').and.not.contain('604800000');
  });

  it('uses the default when there is no value or it is undefined, and the value when it is falsy', () => {
    const definitions = {
      a: { type: 'int', default: 5 },
      b: { type: 'int', default: 6 },
      c: { type: 'int', default: 7 },
    };
    expect(resolve(definitions, { b: undefined, c: 0 }).values).to.deep.equal({ a: 5, b: 6, c: 0 });
  });

  it('keeps a json null from falling back to the default', () => {
    expect(resolve({ a: { type: 'json', default: 1 } }, { a: null }).values).to.deep.equal({ a: null });
  });

  it('names required keys without value and default as missing, and leaves out optional ones', () => {
    const definitions = { a: {}, b: { required: false }, c: { default: 'x' }, d: { required: true } };
    const { values, missing } = resolve(definitions, { d: undefined });
    expect({ values, missing }).to.deep.equal({ values: { c: 'x' }, missing: ['a', 'd'] });
  });

  it('does not find values on the prototype of what it was given', () => {
    expect(resolve({ toString: {}, constructor: {} }).missing).to.deep.equal(['toString', 'constructor']);
  });

  it('warns of an unknown key by its name and the known ones, without its value', () => {
    const { warnings, values } = resolve({ jwtSecret: { type: 'password' } }, { jwtSecret: 's', jwtsecret: 'hunter2' });
    expect(values).to.deep.equal({ jwtSecret: 's' });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('"jwtsecret"').and.contain('"jwtSecret"').and.not.contain('hunter2');
  });

  it('hides passwords when inspected, at any depth, and nothing else', () => {
    const { values } = resolve({ pin: { type: 'password' }, user: {} }, { pin: 'hunter2', user: 'ada' });
    const shown = inspect({ values }, { showHidden: true, depth: 9 });
    expect(shown).to.contain('ada').and.contain('[hidden]').and.not.contain('hunter2');
    expect(values['pin']).to.equal('hunter2');
    expect(JSON.parse(JSON.stringify(values))).to.deep.equal({ pin: 'hunter2', user: 'ada' });
  });

  it('hides a password that came from its default', () => {
    expect(inspect(resolve({ pin: { type: 'password', default: 'hunter2' } }).values)).not.to.contain('hunter2');
  });

  it('never quotes a password that has the wrong type', async () => {
    const error = await errorOf(() => resolve({ pin: { type: 'password' } }, { pin: ['hunter2'] }));
    expect(inspect(error)).not.to.contain('hunter2');
  });

  it('never quotes JSON text it cannot parse', async () => {
    const error = await errorOf(() => resolve({ keys: { type: 'json' } }, { keys: 'hunter2' }));
    expect(inspect(error)).not.to.contain('hunter2');
  });
});
