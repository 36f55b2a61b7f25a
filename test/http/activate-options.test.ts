import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { z } from 'zod';
import { activateSessions } from '../../src/adapters/express.js';
import { readActivateOptions } from '../../src/http/activate-options.js';
import { MemoryStore, ServerSessionStorage, SessionStorage } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { bench } from '../support/sessions.js';

const { storage: sessionStorage } = bench();

/** Reads options that the compiler would refuse, as plain JavaScript can give them. */
const readUntyped = (options: unknown): unknown => Reflect.apply(readActivateOptions, undefined, [options]);

describe('the options of activateSessions', () => {
  it('have defaults: lazy, active, for all requests, under session', () => {
    const activation = readActivateOptions({ sessionStorage, cookie: true });
    expect([activation.property, activation.isPassive({}), activation.isMeant({})]).to.deep.equal([
      'session',
      false,
      true,
    ]);
  });

  it('take an explicit undefined for the default', () => {
    const activation = readActivateOptions({
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
      const error = errorOf(() => readUntyped({ sessionStorage, cookie: true, ...options }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include(named);
    });
  }

  it('are refused when they are none', () => {
    for (const options of [undefined, null, true, 'sid', sessionStorage]) {
      expect(errorOf(() => readUntyped(options))).to.be.instanceOf(TypeError);
    }
  });

  it('say what to do with a storage given in their place', () => {
    for (const given of [sessionStorage, new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null })]) {
      expect(() => readUntyped(given)).to.throw(
        TypeError,
        /^activateSessions: expected an object of options, got an instance of (Server)?SessionStorage: pass it as an option, \{ sessionStorage \}$/,
      );
    }
  });

  it('say that a storage is missing when there are none', () => {
    expect(() => readUntyped(undefined)).to.throw(
      TypeError,
      'activateSessions: option sessionStorage: expected a SessionStorage or a ServerSessionStorage, got undefined',
    );
  });

  it('say how to install a middleware that a framework called without options', () => {
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    for (const given of [request, { method: 'GET', headers: {} }, new Request('http://localhost/')]) {
      expect(() => readUntyped(given)).to.throw(
        TypeError,
        'app.use(activateSessions({ sessionStorage, cookie: true }))',
      );
    }
  });

  it('say that a client needs a cookie or a header', () => {
    expect(() => readUntyped({ sessionStorage })).to.throw(TypeError, 'set cookie: true for browsers');
  });

  const elsewhere: readonly [name: string, cure: RegExp][] = [
    ['resave', /leave it out/],
    ['saveUninitialized', /create: 'lazy'/],
    ['secret', /jwtSecret/],
    ['store', /new ServerSessionStorage\(\{ store \}\).*RedisStore/],
    ['rolling', /timeoutResolution/],
    ['name', /cookie: 'sid'/],
    ['genid', /random/],
    ['proxy', /trust-proxy/],
    ['unset', /revoke\(\)/],
    ['keys', /jwtSecret/],
    ['password', /jwtSecret/],
    ['cookieName', /cookie: 'sid'/],
    ['cookieOptions', /call it cookie/],
    ['maxAge', /idleTimeout.*setLifetime/],
    ['ttl', /idleTimeout/],
    ['storage', /call it sessionStorage/],
    ['autoCreateSession', /create: 'eager'/],
    ['httpOnly', /cookie: \{ httpOnly \}/],
    ['secure', /cookie: \{ secure \}/],
    ['origins', /csrf: \{ origins \}/],
    ['exempt', /csrf: \{ exempt \}/],
  ];
  for (const [name, cure] of elsewhere) {
    it(`say what to do instead of ${name}, an option of another package or place`, () => {
      expect(() => readUntyped({ sessionStorage, cookie: true, [name]: true }))
        .to.throw(TypeError, `activateSessions: unknown option "${name}": `)
        .with.property('message')
        .that.matches(cure);
    });
  }

  for (const Storage of [SessionStorage, ServerSessionStorage]) {
    it(`send every option of a ${Storage.name} to the storage`, () => {
      const { message } = errorOf(() => Reflect.construct(Storage, [{ unknown: 1 }]));
      const names = message.replace(/^.* the options are /, '').split(', ');
      expect(names).to.include('idleTimeout');
      for (const name of names) {
        expect(() => readUntyped({ sessionStorage, cookie: true, [name]: 1 }), name).to.throw(
          TypeError,
          `unknown option "${name}": it is an option of the storage`,
        );
      }
    });
  }

  for (const name of ['maxAge', 'expires']) {
    it(`say what bounds a cookie's life instead of cookie.${name}`, () => {
      expect(() => readUntyped({ sessionStorage, cookie: { [name]: 1 } })).to.throw(
        TypeError,
        `activateSessions: unknown option cookie.${name}: the cookie lives as long as its session; set idleTimeout`,
      );
    });
  }

  it('list the options of the cookie for any other name', () => {
    expect(() => readUntyped({ sessionStorage, cookie: { paths: '/' } })).to.throw(
      TypeError,
      'activateSessions: unknown option cookie.paths: the options are name, path, domain, secure',
    );
  });

  it('are refused by the middleware itself, before there is any request', () => {
    expect(
      errorOf(() => Reflect.apply(activateSessions, undefined, [{ sessionStorage, cookies: true }])),
    ).to.be.instanceOf(TypeError);
  });

  it('are refused when a request would get an empty session that the schema does not allow', () => {
    const { storage } = bench({ sessionData: z.object({ cart: z.array(z.string()) }) });
    for (const create of ['lazy', 'eager', undefined] as const) {
      const error = errorOf(() => readActivateOptions({ sessionStorage: storage, cookie: true, create }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include("create: 'never'");
    }
    expect(readActivateOptions({ sessionStorage: storage, cookie: true, create: 'never' }).property).to.equal(
      'session',
    );
  });

  it('are left as they were given', () => {
    const options = Object.freeze({
      sessionStorage,
      cookie: Object.freeze({ alsoClear: Object.freeze([]) }),
      header: true,
    });
    const before = { ...options };
    readActivateOptions(options);
    expect(options).to.deep.equal(before);
  });
});
