import { expect } from 'chai';
import { readActivateOptions } from '../../../src/http/activate-options.js';
import type { CsrfOptions } from '../../../src/http/csrf/options.js';
import { readSecrets } from '../../../src/http/csrf/secrets.js';
import { tokenCookie } from '../../../src/http/csrf/token-cookie.js';
import { CookieTransport } from '../../../src/http/transports/cookie.js';
import type { CookieOptions } from '../../../src/http/transports/cookie-options.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { errorOf } from '../../support/outcomes.js';
import { bench } from '../../support/sessions.js';

const { storage: sessionStorage } = bench();
const LIFE = { expires: Number.POSITIVE_INFINITY, persistent: false, now: 0, isRenewal: false };

describe('The cookie of a CSRF token', () => {
  const lineOf = (session: string | CookieOptions, name?: string): string => {
    const exchange = new FakeExchange();
    tokenCookie(name, new CookieTransport(session).rules).send(exchange, 'x', LIFE);
    return exchange.setCookies.join('\n');
  };

  it('has the scope and the protection of the session cookie', () => {
    for (const [session, line] of [
      ['sid', 'csrf=x; Path=/; Secure; SameSite=Lax'],
      ['__Host-sid', '__Host-csrf=x; Path=/; Secure; SameSite=Lax'],
      ['__Secure-sid', '__Secure-csrf=x; Path=/; Secure; SameSite=Lax'],
      ['__Http-sid', '__Secure-csrf=x; Path=/; Secure; SameSite=Lax'],
      ['__Host-Http-sid', '__Host-csrf=x; Path=/; Secure; SameSite=Lax'],
      [{ sameSite: 'strict', persistent: true }, 'csrf=x; Path=/; Secure; SameSite=Strict'],
      [{ path: '/app', secure: false }, 'csrf=x; Path=/app; SameSite=Lax'],
    ] satisfies [string | CookieOptions, string][]) {
      expect(lineOf(session)).to.equal(line);
    }
    expect(lineOf({ domain: 'shop.example' })).to.include('csrf=x; Domain=shop.example;');
    expect(lineOf({ partitioned: true })).to.include('Partitioned');
  });

  it('can have another name', () => {
    expect(lineOf('__Host-sid', 'XSRF-TOKEN')).to.match(/^XSRF-TOKEN=x;/);
  });

  it('cannot have a name that scripts cannot read, or that of the session', () => {
    for (const name of ['__Http-csrf', '__Host-Http-csrf', '__http-csrf', 'sid']) {
      expect(errorOf(() => lineOf('sid', name), TypeError).message).to.include('csrf.cookie');
    }
  });
});

describe('The secrets of CSRF tokens', () => {
  it('are texts or bytes, one or several', () => {
    const [text, bytes] = ['x'.repeat(32), new Uint8Array(32)];
    expect(readSecrets(text)).to.deep.equal([Buffer.from(text)]);
    expect(readSecrets([bytes, text])).to.deep.equal([Buffer.from(bytes), Buffer.from(text)]);
  });

  it('are random by default', () => {
    const [[one], [other]] = [readSecrets(undefined), readSecrets(undefined)];
    expect(one).to.have.length(32).and.not.to.deep.equal(other);
  });

  it('are refused if they are short, missing or something else, and never repeated', () => {
    const readUntyped = (option: unknown) => Reflect.apply(readSecrets, undefined, [option]);
    for (const [option, named] of [
      ['hunter2', 'csrf.secret'],
      ['', 'csrf.secret'],
      [new Uint8Array(31), 'csrf.secret'],
      [[], 'csrf.secret'],
      [['x'.repeat(32), 'hunter2'], 'csrf.secret[1]'],
      [5, 'csrf.secret'],
      [null, 'csrf.secret'],
      [{}, 'csrf.secret'],
    ] as const) {
      const { message } = errorOf(() => readUntyped(option), TypeError);
      expect(message).to.include(named).and.not.to.include('hunter2');
    }
  });
});

describe('The options of CSRF tokens', () => {
  const identity = { jwtSecret: 'i'.repeat(64) };
  const activating = (csrf: CsrfOptions<unknown>) => () =>
    readActivateOptions({ sessionStorage, cookie: true, header: 'X-Session', identity, csrf });

  it('are judged when the sessions are activated', () => {
    for (const [csrf, named] of [
      [{ token: true, secret: 'short' }, 'csrf.secret'],
      [{ token: true, cookie: 'sid' }, 'csrf.cookie'],
      [{ token: true, cookie: 'auth' }, 'csrf.cookie'],
      [{ token: true, header: 'x-session' }, 'csrf.header'],
    ] as const) {
      expect(errorOf(activating(csrf), TypeError).message).to.include(named);
    }
    expect(activating({ token: true })().tokens).not.to.equal(undefined);
    expect(activating({})().tokens).to.equal(undefined);
  });
});
