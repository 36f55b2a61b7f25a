import { expect } from 'chai';
import { z } from 'zod';
import { activateSessions } from '../../src/adapters/express.js';
import { readActivation } from '../../src/http/activation.js';
import { bench } from '../support/sessions.js';
import { thrown } from '../support/token-fixtures.js';

const { storage: sessionStorage } = bench();

/** Reads options that the compiler would refuse, as plain JavaScript can give them. */
const readUntyped = (options: unknown): unknown => Reflect.apply(readActivation, undefined, [options]);

describe('the options of activateSessions', () => {
  it('have defaults: lazy, active, for all requests, under session', () => {
    const activation = readActivation({ sessionStorage, cookie: true });
    expect([activation.property, activation.isPassive({}), activation.isMeant({})]).to.deep.equal([
      'session',
      false,
      true,
    ]);
  });

  it('take an explicit undefined for the default', () => {
    const activation = readActivation({
      sessionStorage,
      cookie: undefined,
      header: true,
      create: undefined,
      passive: undefined,
      only: undefined,
      property: undefined,
    });
    expect([activation.property, activation.isPassive({}), activation.isMeant({})]).to.deep.equal([
      'session',
      false,
      true,
    ]);
  });

  const wrong: readonly [what: string, options: object, named: string][] = [
    ['an unknown name', { cookies: true }, 'cookies'],
    ["the ancestor's name for eager sessions", { autoCreateSession: true }, 'autoCreateSession'],
    ['no storage', { sessionStorage: undefined }, 'sessionStorage'],
    ['something else for a storage', { sessionStorage: {} }, 'sessionStorage'],
    ['a cookie that is a number', { cookie: 1 }, 'cookie'],
    ['a cookie that is null', { cookie: null }, 'cookie'],
    ['a cookie without a name', { cookie: '' }, 'cookie.name'],
    ['an unknown option of the cookie', { cookie: { maxAge: 1 } }, 'cookie.maxAge'],
    [
      'options of the cookie that contradict each other',
      { cookie: { name: '__Host-sid', domain: 'a.example' } },
      'cookie.domain',
    ],
    ['a header that is a number', { header: 1 }, 'header'],
    ['a header with another meaning', { header: 'Authorization' }, 'header.name'],
    ['an unknown option of the header', { header: { prefix: 'Bearer' } }, 'header.prefix'],
    ['an unknown way to create', { create: 'always' }, 'create'],
    ['create as a boolean', { create: true }, 'create'],
    ['a passive that is no function', { passive: true }, 'passive'],
    ['an only that is no function', { only: '/app' }, 'only'],
    ['a property without a name', { property: '' }, 'property'],
    ['a property that is no text', { property: 1 }, 'property'],
  ];
  for (const [what, options, named] of wrong) {
    it(`are refused with ${what}: the TypeError names ${named}`, () => {
      const error = thrown(() => readUntyped({ sessionStorage, cookie: true, ...options }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include(named);
    });
  }

  it('are refused when they are none', () => {
    for (const options of [undefined, null, true, 'sid', sessionStorage]) {
      expect(thrown(() => readUntyped(options))).to.be.instanceOf(TypeError);
    }
  });

  it('are refused by the middleware itself, before there is any request', () => {
    expect(
      thrown(() => Reflect.apply(activateSessions, undefined, [{ sessionStorage, cookies: true }])),
    ).to.be.instanceOf(TypeError);
  });

  it('are refused when a request would get an empty session that the schema does not allow', () => {
    const { storage } = bench({ sessionData: z.object({ cart: z.array(z.string()) }) });
    for (const create of ['lazy', 'eager', undefined] as const) {
      const error = thrown(() => readActivation({ sessionStorage: storage, cookie: true, create }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include("create: 'never'");
    }
    expect(readActivation({ sessionStorage: storage, cookie: true, create: 'never' }).property).to.equal('session');
  });

  it('are left as they were given', () => {
    const options = Object.freeze({
      sessionStorage,
      cookie: Object.freeze({ alsoClear: Object.freeze([]) }),
      header: true,
    });
    const before = { ...options };
    readActivation(options);
    expect(options).to.deep.equal(before);
  });
});
