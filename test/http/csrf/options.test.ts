import { expect } from 'chai';
import { type CsrfSettings, readCsrfOption } from '../../../src/http/csrf/options.js';
import { errorOf } from '../../support/outcomes.js';

/** Reads an option that the compiler would refuse, as plain JavaScript can give it. */
const readUntyped = (option: unknown, hasCookie = true): unknown =>
  Reflect.apply(readCsrfOption, undefined, [option, hasCookie]);

function read(...given: Parameters<typeof readCsrfOption<string>>): CsrfSettings<string> {
  const settings = readCsrfOption<string>(...given);
  if (settings === undefined) throw new Error('there is no check');
  return settings;
}

const GOOD = [
  'https://app.example',
  'https://app.example:8443',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'https://xn--bcher-kva.example',
  'https://my_app',
  'capacitor://localhost',
  'chrome-extension://abcdefghijklmnop',
];

/** With what the message suggests. */
const WRONG: readonly [origin: string, cure: string][] = [
  ['*', 'every site'],
  ['null', 'any site'],
  ['https://app.example/', '"https://app.example"'],
  ['https://APP.example', '"https://app.example"'],
  ['https://app.example:443', '"https://app.example"'],
  ['https://user@app.example', '"https://app.example"'],
  ['https://bücher.example', '"https://xn--bcher-kva.example"'],
  ['app.example', '"https://app.example"'],
  ['localhost:3000', '"https://app.example"'],
  ['https://*.app.example', 'as browsers spell them'],
  ['https:app.example', '"https://app.example"'],
  [' https://app.example', '"https://app.example"'],
  ['file://', 'as browsers spell them'],
  ['file://app', 'as browsers spell them'],
  ['', 'as browsers spell them'],
];

describe('The option csrf', () => {
  it('is on by default if there is a cookie, and off without one', () => {
    for (const option of [undefined, 'origin', {}] as const) {
      const { origins, isExempt } = read(option, true);
      expect([origins.size, isExempt('/')]).to.deep.equal([0, false]);
    }
    expect(readCsrfOption(undefined, false)).to.equal(undefined);
  });

  it('can be turned off', () => {
    for (const hasCookie of [true, false]) expect(readCsrfOption(false, hasCookie)).to.equal(undefined);
  });

  it('takes origins as browsers spell them, and a function', () => {
    const { origins, isExempt } = read({ origins: GOOD, exempt: (path) => path === '/hook' }, true);
    expect([...origins]).to.deep.equal(GOOD);
    expect([isExempt('/hook'), isExempt('/')]).to.deep.equal([true, false]);
  });

  it('keeps its own list of origins', () => {
    const list = ['https://app.example'];
    const { origins } = read({ origins: list }, true);
    list.push('https://evil.example');
    expect(origins.has('https://evil.example')).to.equal(false);
  });

  for (const [origin, cure] of WRONG) {
    it(`refuses the origin ${JSON.stringify(origin)}`, async () => {
      const error = await errorOf(() => readUntyped({ origins: ['https://ok.example', origin] }), TypeError);
      expect(error.message).to.include('csrf.origins[1]').and.to.include(cure);
    });
  }

  const mistakes: readonly [what: string, option: unknown, named: string][] = [
    ['an unknown name', { origin: [] }, 'call it origins'],
    ['a text for origins', { origins: 'https://app.example' }, 'csrf.origins'],
    ['a number as an origin', { origins: [1] }, 'csrf.origins[0]'],
    ['a list for exempt', { exempt: ['/hook'] }, 'csrf.exempt'],
    ['null', null, 'csrf'],
    ['true', true, 'csrf'],
    ['a token that is no boolean', { token: 'yes' }, 'csrf.token'],
    ['a header that is no token', { token: true, header: 'X CSRF' }, 'csrf.header'],
    ['a header with another meaning', { token: true, header: 'Accept' }, 'csrf.header'],
    ['a cookie that is no token', { token: true, cookie: 'a=b' }, 'csrf.cookie'],
    ['a field without a name', { token: true, field: '' }, 'csrf.field'],
    ['a secret without tokens', { secret: 'x'.repeat(32) }, 'csrf.secret: has no effect without token: true'],
    ['a cookie without tokens', { cookie: 'c', token: false }, 'csrf.cookie'],
    ['a header without tokens', { header: 'X-C' }, 'csrf.header'],
    ['a field without tokens', { field: 'f' }, 'csrf.field'],
    ['a list', ['https://app.example'], 'csrf'],
  ];
  for (const [what, option, named] of mistakes) {
    it(`refuses ${what}`, async () => {
      expect((await errorOf(() => readUntyped(option), TypeError)).message).to.include(named);
    });
  }

  it('has defaults for tokens, which are off', () => {
    expect(read({}, true).token).to.equal(undefined);
    for (const option of ['token', { token: true }] as const) {
      expect(read(option, true).token).to.deep.equal({
        ...{ secret: undefined, cookie: undefined, header: 'x-csrf-token', field: '_csrf' },
      });
    }
    const named = { token: true, cookie: 'c', header: 'X-XSRF-Token', field: 'f', secret: ['s'] };
    expect(read(named, true).token).to.deep.equal({
      ...{ secret: ['s'], cookie: 'c', header: 'x-xsrf-token', field: 'f' },
    });
  });

  it('needs a cookie', async () => {
    for (const option of ['origin', 'token', {}]) {
      expect((await errorOf(() => readUntyped(option, false), TypeError)).message).to.include(
        'needs the option cookie',
      );
    }
  });
});
