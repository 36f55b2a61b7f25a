import { expect } from 'chai';
import fc from 'fast-check';
import { CookieTransport } from '../../../src/http/transports/cookie.js';
import type { CookieOptions } from '../../../src/http/transports/cookie-options.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { credentialLife, parsed, untypedCookie } from '../../support/transports.js';

function sent(option: true | string | CookieOptions): string | undefined {
  const exchange = new FakeExchange();
  new CookieTransport(option).send(exchange, 'abc', credentialLife());
  return exchange.setCookies.at(-1);
}

function refused(option: unknown, message: string): void {
  expect(() => untypedCookie(option), JSON.stringify(option)).to.throw(TypeError, message);
}

describe('cookie options', () => {
  it('take true, a name and an object', () => {
    expect(sent(true)).to.match(/^sid=abc;/);
    expect(sent('my.sid')).to.match(/^my\.sid=abc;/);
    expect(sent({ name: 'other' })).to.match(/^other=abc;/);
    expect(sent({})).to.equal(sent(true));
  });

  it('take explicit undefined as the default', () => {
    const everything = {
      name: undefined,
      path: undefined,
      domain: undefined,
      secure: undefined,
      httpOnly: undefined,
      sameSite: undefined,
      persistent: undefined,
      partitioned: undefined,
      alsoClear: undefined,
    };
    expect(sent(everything)).to.equal(sent(true));
  });

  it('name the option that has the wrong type', () => {
    for (const wrong of [null, 0, 1, '', [], {}, Number.NaN, new Date(0), () => true]) {
      for (const name of ['name', 'path', 'domain', 'sameSite', 'secure', 'httpOnly', 'persistent', 'partitioned']) {
        refused({ [name]: wrong }, `cookie.${name}: must`);
      }
      if (!Array.isArray(wrong)) refused({ alsoClear: wrong }, 'cookie.alsoClear: must be an array');
    }
    for (const wrong of [null, 7, ['sid'], () => true]) refused(wrong, 'cookie: must be true, a name or an object');
    refused('', 'cookie.name: must be a token');
    refused({ alsoClear: [{}, { path: 7 }] }, 'cookie.alsoClear[1].path: must');
    refused({ alsoClear: ['/old'] }, 'cookie.alsoClear[0]: must be an object');
  });

  it('refuse a name they do not know', () => {
    refused({ maxAge: 1 }, 'unknown option cookie.maxAge');
    refused({ samesite: 'lax' }, 'unknown option cookie.samesite');
    refused({ alsoClear: [{ secure: true }] }, 'unknown option cookie.alsoClear[0].secure');
    refused(JSON.parse('{"__proto__": {"domain": "evil.example"}}'), 'unknown option cookie.__proto__');
  });

  it('are neither changed nor kept', () => {
    const scope = { path: '/old' };
    const option = Object.freeze({ path: '/app', alsoClear: [scope] });
    const transport = new CookieTransport(option);
    scope.path = '/changed';
    option.alsoClear.push({ path: '/more' });
    const exchange = new FakeExchange();
    transport.clear(exchange);
    expect(exchange.setCookies.map((line) => parsed(line).path)).to.deep.equal(['/app', '/old']);
  });

  it('refuse what contradicts a prefix (row 33)', () => {
    for (const name of ['__Host-sid', '__Host-Http-sid']) {
      refused({ name, domain: 'example.com' }, 'cookie.domain: must be left out');
      refused({ name, path: '/app' }, 'cookie.path: must be /');
      refused({ name, alsoClear: [{ domain: 'example.com' }] }, 'cookie.alsoClear: must name no path or domain');
    }
    for (const name of ['__Host-sid', '__Secure-sid', '__Http-sid', '__Host-Http-sid']) {
      refused({ name, secure: false }, 'cookie.secure: must not be false');
    }
    for (const name of ['__Http-sid', '__Host-Http-sid']) {
      refused({ name, httpOnly: false }, 'cookie.httpOnly: must not be false');
    }
    expect(sent({ name: '__Host-sid', httpOnly: false })).to.match(/^__Host-sid=abc;/);
    expect(sent({ name: '__Secure-sid', path: '/app', domain: 'example.com' })).to.match(/^__Secure-sid=abc;/);
    expect(sent({ name: '__Http-sid', path: '/app', domain: 'example.com' })).to.match(/^__Http-sid=abc;/);
  });

  it('refuse SameSite=None and Partitioned without Secure (row 33)', () => {
    refused({ sameSite: 'none', secure: false }, "cookie.secure: must not be false with sameSite 'none'");
    refused({ partitioned: true, secure: false }, 'cookie.secure: must not be false with partitioned');
  });

  it('refuse case variants, bare prefixes and prefixes behind prefixes (row 37)', () => {
    for (const prefix of ['__Host-', '__Secure-', '__Http-', '__Host-Http-']) {
      refused(`${prefix.toLowerCase()}sid`, 'cookie.name: must spell the prefix');
      refused(`${prefix.toUpperCase()}sid`, 'cookie.name: must spell the prefix');
      refused(prefix, 'cookie.name: must have a name behind');
      refused(`${prefix}__secure-sid`, 'cookie.name: must have one prefix');
    }
    refused('__Host-http-sid', 'cookie.name: must spell the prefix __Host-Http-');
    expect(sent('__Hostsid')).to.match(/^__Hostsid=abc;/);
  });

  it('refuse what would break out of the line (row 35)', () => {
    for (const bad of [';', ',', '\r', '\n', '\0', '\x7f', '\t', ' ', 'é', '\u212a', '\u2028', '\ud800']) {
      for (const value of [`a${bad}b`, `a${bad}`, `a${bad} Domain=evil.example`]) {
        refused({ name: value }, 'cookie.name: must');
        refused({ name: bad + value }, 'cookie.name: must');
        refused({ path: `/${value}` }, 'cookie.path: must');
        refused({ domain: value }, 'cookie.domain: must');
        refused({ domain: `${value}.example.com` }, 'cookie.domain: must');
        refused({ sameSite: value }, 'cookie.sameSite: must');
        refused({ alsoClear: [{ path: `/${value}` }] }, 'cookie.alsoClear[0].path: must');
        refused({ alsoClear: [{ domain: value }] }, 'cookie.alsoClear[0].domain: must');
      }
    }
  });

  it('refuse domains and paths that browsers would ignore', () => {
    for (const path of ['', 'app', `/${'a'.repeat(1024)}`]) refused({ path }, 'cookie.path: must');
    expect(sent({ path: `/${'a'.repeat(1023)}` })).to.include('Path=/aaa');
    const label = 'a'.repeat(63);
    for (const domain of [
      '.',
      '..a',
      'a.',
      'a..b',
      '-a.b',
      'a-.b',
      'a_b.c',
      `a${label}.b`,
      `${label}.`.repeat(3) + label,
    ]) {
      refused({ domain }, 'cookie.domain: must');
    }
    const longest = `${label}.`.repeat(3) + 'a'.repeat(61);
    for (const [domain, expected] of [
      [longest, longest],
      ['.Example.COM', 'example.com'],
    ] as const) {
      const exchange = new FakeExchange();
      new CookieTransport({ domain }).send(exchange, 'abc', credentialLife());
      expect(exchange.setCookies.map((line) => parsed(line).domain)).to.deep.equal([null, expected]);
    }
    for (const domain of ['192.168.5.5', '127.0.0.1', 'localhost', 'intranet', '.local']) {
      refused({ domain }, 'cookie.domain: must not be an IP address or a name without a dot');
    }
  });

  it('end in a TypeError or in exactly the cookie that was asked for (row 35, property)', () => {
    const hostile = fc
      .array(fc.constantFrom('a', 'B', '/', '.', '-', ';', ',', '=', '\r', '\n', '\0', ' ', '"', 'é', 'Domain=x'))
      .map((pieces) => pieces.join(''));
    const text = fc.oneof(hostile, fc.string({ unit: 'binary' }), fc.string());
    const token = fc.stringMatching(/^[!#$%&'*+.^`|~0-9A-Za-z-]{1,9}$/);
    const name = fc.oneof({ arbitrary: token, weight: 3 }, text);
    const path = fc.oneof(
      { arbitrary: fc.webPath(), weight: 3 },
      text,
      hostile.map((value) => `/${value}`),
    );
    const domain = fc.oneof(
      { arbitrary: fc.domain(), weight: 3 },
      text,
      hostile.map((value) => `${value}.example.com`),
    );
    const sameSite = fc.oneof({ arbitrary: fc.constantFrom('lax', 'strict', 'none'), weight: 3 }, text);
    const options = fc.record({ name, path, domain, sameSite }, { requiredKeys: [] });
    const scopes = fc.record({ path, domain }, { requiredKeys: [] });
    let accepted = 0;
    fc.assert(
      fc.property(options, scopes, (given, scope) => {
        let transport: CookieTransport;
        try {
          transport = untypedCookie({ ...given, alsoClear: [scope] });
        } catch (error) {
          expect(error).to.be.instanceOf(TypeError);
          return;
        }
        accepted += 1;
        const exchange = new FakeExchange();
        transport.send(exchange, 'abc', credentialLife());
        const cookie = parsed(exchange.setCookies.at(-1));
        expect(exchange.setCookies.slice(0, -1).every((line) => parsed(line).value === '')).to.equal(true);
        expect(cookie.key).to.equal(given.name ?? 'sid');
        expect(cookie.value).to.equal('abc');
        expectScope(cookie, given);
        expect(cookie.sameSite).to.equal(given.sameSite ?? 'lax');
        expect([cookie.httpOnly, cookie.secure, cookie.extensions]).to.deep.equal([true, true, null]);
        transport.clear(exchange);
        const cleared = exchange.setCookies.map((line) => parsed(line));
        expectScope(cleared[0], given);
        // Its own scope, the one of alsoClear, and the host's own where there is a Domain.
        const asked = [given, scope, ...(given.domain === undefined ? [] : [{ ...given, domain: undefined }])];
        for (const one of cleared) expect(asked.some((other) => isScope(one, other))).to.equal(true);
        for (const one of asked) expect(cleared.some((line) => isScope(line, one))).to.equal(true);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).to.be.above(200);
  });
});

type Scoped = { readonly path?: string | null | undefined; readonly domain?: string | null | undefined };

function isScope(cookie: Scoped, asked: Scoped): boolean {
  const domain = asked.domain?.replace(/^\./, '').toLowerCase() ?? null;
  return cookie.path === (asked.path ?? '/') && cookie.domain === domain;
}

function expectScope(
  cookie: { path: string | null; domain: string | null } | undefined,
  asked: { path?: string | undefined; domain?: string | undefined },
): void {
  expect(cookie?.path).to.equal(asked.path ?? '/');
  expect(cookie?.domain).to.equal(asked.domain?.replace(/^\./, '').toLowerCase() ?? null);
}
