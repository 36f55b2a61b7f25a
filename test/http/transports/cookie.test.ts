import { expect } from 'chai';
import fc from 'fast-check';
import { CookieJar } from 'tough-cookie';
import { SessionTooLarge } from '../../../src/errors.js';
import { CookieTransport } from '../../../src/http/transports/cookie.js';
import type { CookieOptions } from '../../../src/http/transports/cookie-options.js';
import type { CredentialLife } from '../../../src/http/transports/transport.js';
import { FakeExchange, type FakeRequest } from '../../support/fake-exchange.js';
import { warningsDuring } from '../../support/token-fixtures.js';
import { credentialLife, NOW, parsed } from '../../support/transports.js';

type Option = true | string | CookieOptions;

function read(cookie: string, option: Option = true): readonly string[] | undefined {
  return new CookieTransport(option).readSids(new FakeExchange({ headers: { cookie } }));
}

function send(
  option: Option,
  sid = 'abc',
  life: Partial<CredentialLife> = {},
  request: FakeRequest = {},
): FakeExchange {
  const exchange = new FakeExchange(request);
  new CookieTransport(option).send(exchange, sid, credentialLife(life));
  return exchange;
}

function isSecure(option: Option, request: FakeRequest): boolean {
  return parsed(send(option, 'abc', {}, request).setCookies[0]).secure;
}

describe('CookieTransport.read', () => {
  it('varies on Cookie', () => {
    expect(new CookieTransport(true).varyOn).to.equal('Cookie');
  });

  it('gives undefined without a Cookie header and without a cookie of that name', () => {
    expect(new CookieTransport(true).readSids(new FakeExchange())).to.equal(undefined);
    expect(read('other=abc; SID=abc')).to.equal(undefined);
  });

  it('gives all sids of the name in order (row 38)', () => {
    expect(read('sid=a.b-c_D; x=1; sid="e9"')).to.deep.equal(['a.b-c_D', 'e9']);
    expect(read('sid=abc', 'other')).to.equal(undefined);
    expect(read('other=abc', 'other')).to.deep.equal(['abc']);
  });

  it('drops what has not the shape of a sid, and keeps the empty list (row 37)', () => {
    expect(read('sid=; sid=a b; sid=%61; sid=é; sid=a+b; sid=a=; sid="a; sid=a,b; sid=a\0')).to.deep.equal([]);
    expect(read('sid=a=b; sid=good')).to.deep.equal(['good']);
  });

  it('takes sids of up to 16384 characters', () => {
    expect(read(`sid=${'a'.repeat(16_384)}`)?.[0]).to.have.length(16_384);
    expect(read(`sid=${'a'.repeat(16_385)}`)).to.deep.equal([]);
  });

  it('gives five well-formed candidates at most, which is one more than are looked at, junk not counted (row 38)', () => {
    expect(read('sid=!; sid=1; sid=; sid=2; sid=3; sid=4; sid=5; sid=6')).to.deep.equal(['1', '2', '3', '4', '5']);
  });

  it('finds the sid behind 10 KB of junk (row 37)', () => {
    for (const junk of [';', '=', '; ', 'sid', 'sid;', '"', '$Version=1;', 'a=b; ']) {
      expect(read(`${junk.repeat(10_240 / junk.length)}; sid=abc`), junk).to.include('abc');
    }
  });

  it('takes nothing from the header of the header transport or from the query (row 41)', () => {
    const exchange = new FakeExchange({ headers: { 'X-Session-Id': 'abc', sid: 'abc', authorization: 'Bearer abc' } });
    expect(new CookieTransport(true).readSids(exchange)).to.equal(undefined);
  });
});

describe('CookieTransport.send', () => {
  it('sends safe attributes by default (row 33)', () => {
    expect(send(true).setCookies).to.deep.equal([
      'sid=abc; Max-Age=3600; Path=/; Expires=Tue, 14 Nov 2023 23:13:20 GMT; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  it('sends the attributes that were asked for (row 33)', () => {
    const option: CookieOptions = {
      name: 'app',
      path: '/app',
      domain: 'example.com',
      secure: true,
      httpOnly: false,
      sameSite: 'strict',
      persistent: false,
      partitioned: true,
    };
    expect(send(option, 'abc', { persistent: undefined }).setCookies.slice(-1)).to.deep.equal([
      'app=abc; Domain=example.com; Path=/app; Secure; Partitioned; SameSite=Strict',
    ]);
  });

  it("with secure 'auto' sends Secure over TLS only, unless the browser insists on it", () => {
    const plain = { secure: false };
    expect(isSecure(true, {})).to.equal(true);
    expect(isSecure(true, plain)).to.equal(false);
    expect(isSecure({ secure: true }, plain)).to.equal(true);
    expect(isSecure({ secure: false }, {})).to.equal(false);
    expect(isSecure('__Host-sid', plain)).to.equal(true);
    expect(isSecure('__Secure-sid', plain)).to.equal(true);
    expect(isSecure({ sameSite: 'none' }, plain)).to.equal(true);
    expect(isSecure({ partitioned: true }, plain)).to.equal(true);
  });

  it('rounds the life up to whole seconds, never below what the session has', () => {
    const cookie = parsed(send(true, 'abc', { expires: NOW + 1501 }).setCookies[0]);
    expect(cookie.maxAge).to.equal(2);
    expect(cookie.expires).to.deep.equal(new Date(NOW + 2000));
    expect(parsed(send(true, 'abc', { expires: NOW + 2000 }).setCookies[0]).maxAge).to.equal(2);
    const uneven = parsed(send(true, 'abc', { now: NOW + 500, expires: NOW + 10_500 }).setCookies[0]);
    expect([uneven.maxAge, uneven.expires]).to.deep.equal([10, new Date(NOW + 11_000)]);
  });

  it('keeps the cookie for ten years when the session never expires', () => {
    for (const expires of [Number.POSITIVE_INFINITY, Number.MAX_VALUE, 8.64e15 + 1]) {
      const cookie = parsed(send(true, 'abc', { expires }).setCookies[0]);
      expect(cookie.maxAge).to.equal(315_360_000);
      expect(cookie.expires).to.deep.equal(new Date(NOW + 315_360_000_000));
    }
  });

  it('leaves the life to the browser where the session says so, or the option and the session says nothing', () => {
    const lines = [
      ...send({ persistent: false }, 'abc', { persistent: undefined }).setCookies,
      ...send(true, 'abc', { persistent: false }).setCookies,
      ...send({ persistent: false }, 'abc', { persistent: false, expires: Number.POSITIVE_INFINITY }).setCookies,
    ];
    for (const line of lines) expect(line).to.equal('sid=abc; Path=/; HttpOnly; Secure; SameSite=Lax');
    expect(lines).to.have.length(3);
  });

  it('has the browser keep a session that says so ("remember me"), whatever the option says', () => {
    const [line] = send({ persistent: false }, 'abc', { persistent: true }).setCookies;
    expect(parsed(line).maxAge).to.equal(3600);
  });

  it('never gives an ended session a life', () => {
    for (const expires of [NOW, NOW - 1, 0, Number.NEGATIVE_INFINITY, Number.NaN]) {
      for (const persistent of [true, false]) {
        const cookie = parsed(send(true, 'abc', { expires, persistent }).setCookies[0]);
        expect([cookie.maxAge, cookie.expires]).to.deep.equal([0, new Date(0)]);
      }
    }
  });

  it('takes 4096 bytes of name and value, and refuses 4097 before anything is set (row 34)', () => {
    const fits = send('name', 'a'.repeat(4092)).setCookies[0]?.split(';')[0];
    expect(fits).to.have.length(4097);
    const exchange = new FakeExchange();
    const transport = new CookieTransport('name');
    expect(() => transport.send(exchange, 'a'.repeat(4093), credentialLife()))
      .to.throw(SessionTooLarge)
      .with.include({ size: 4097, limit: 4096, code: 'ERR_SESSION_TOO_LARGE' });
    expect(exchange.responseHeaders.size).to.equal(0);
  });

  it('refuses a sid that would not survive the way, without repeating it (row 35)', () => {
    for (const sid of ['', 'secret; Domain=evil.example', 'secret\r\n', 'secret"', 'secret%', 'secreté']) {
      const exchange = new FakeExchange();
      expect(() => new CookieTransport(true).send(exchange, sid, credentialLife()))
        .to.throw(TypeError)
        .with.property('message')
        .that.does.not.include('secret');
      expect(exchange.responseHeaders.size).to.equal(0);
    }
  });

  it('sends one line of its name and keeps those of others (row 36)', () => {
    const exchange = new FakeExchange();
    const others = ['theme=dark; Path=/', 'sidx=1', 'SID=2', 'x=sid=3'];
    exchange.setResponseHeader('Set-Cookie', [...others, 'sid=old; Path=/elsewhere', ' sid=older']);
    const transport = new CookieTransport({ persistent: false, alsoClear: [{ path: '/old' }] });
    transport.send(exchange, 'first', credentialLife({ persistent: undefined }));
    transport.clear(exchange);
    transport.send(exchange, 'last', credentialLife({ persistent: undefined }));
    const twin = 'sid=; Max-Age=0; Path=/old; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax';
    expect(exchange.setCookies).to.deep.equal([...others, twin, 'sid=last; Path=/; HttpOnly; Secure; SameSite=Lax']);
  });
});

describe('CookieTransport.expire', () => {
  it('clears with the attributes that it sends, and a past end (row 39)', () => {
    const options: Option[] = [
      true,
      '__Host-sid',
      { name: 'app', path: '/app', domain: 'example.com', sameSite: 'none', partitioned: true },
      { httpOnly: false, sameSite: 'strict', persistent: false, secure: false },
    ];
    for (const option of options) {
      const exchange = send(option);
      const set = parsed(exchange.setCookies.at(-1));
      new CookieTransport(option).clear(exchange);
      const cleared = parsed(exchange.setCookies[0]);
      expect([cleared.value, cleared.maxAge, cleared.expires]).to.deep.equal(['', 0, new Date(0)]);
      for (const part of ['key', 'path', 'domain', 'secure', 'httpOnly', 'sameSite', 'extensions'] as const) {
        expect(cleared[part], part).to.deep.equal(set[part]);
      }
    }
  });

  it('clears the other scopes too, each once, and leaves other cookies alone (row 39)', () => {
    const exchange = new FakeExchange();
    exchange.setResponseHeader('Set-Cookie', 'theme=dark');
    const alsoClear = [{}, { path: '/' }, { path: '/old' }, { domain: 'example.com' }, { path: '/a', domain: 'b.org' }];
    const transport = new CookieTransport({ alsoClear });
    transport.clear(exchange);
    transport.clear(exchange);
    const [other, ...lines] = exchange.setCookies;
    expect(other).to.equal('theme=dark');
    const cleared = lines.map((line) => parsed(line));
    expect(cleared.map(({ key, path, domain, maxAge, value }) => [key, path, domain, maxAge, value])).to.deep.equal([
      ['sid', '/', null, 0, ''],
      ['sid', '/old', null, 0, ''],
      ['sid', '/', 'example.com', 0, ''],
      ['sid', '/a', 'b.org', 0, ''],
    ]);
  });

  it('knows its own scope among the others however the domain is spelt', () => {
    const exchange = new FakeExchange();
    new CookieTransport({ domain: 'example.com', alsoClear: [{ domain: '.Example.COM' }] }).clear(exchange);
    expect(exchange.setCookies.map((line) => parsed(line).domain)).to.deep.equal(['example.com', null]);
  });

  it('makes a jar forget the cookie in every scope (row 39)', async () => {
    const jar = new CookieJar();
    const url = 'https://www.example.com/app/page';
    for (const line of ['sid=a; Path=/', 'sid=b; Domain=example.com; Path=/', 'sid=c; Path=/app'])
      await jar.setCookie(line, url);
    const alsoClear = [{ domain: 'example.com' }, { path: '/app' }];
    const exchange = new FakeExchange();
    new CookieTransport({ alsoClear }).clear(exchange);
    expect(await jar.getCookies(url)).to.have.length(3);
    for (const line of exchange.setCookies) await jar.setCookie(line, url);
    expect(await jar.getCookieString(url)).to.equal('');
  });
});

describe('The twins of a session cookie', () => {
  const url = 'https://app.example.com/';

  /** What a browser holds after a response that sets the cookie, when it held these before. */
  async function heldAfter(option: CookieOptions, before: readonly string[]): Promise<string> {
    const jar = new CookieJar();
    for (const line of before) await jar.setCookie(line, url);
    for (const line of send(option).setCookies) await jar.setCookie(line, url);
    return await jar.getCookieString(url);
  }

  it('go when the cookie is set: of the host alone, once there is a Domain', async () => {
    expect(await heldAfter({ domain: 'example.com' }, ['sid=old; Path=/'])).to.equal('sid=abc');
  });

  it('go when the cookie is set: of the scopes of alsoClear', async () => {
    const option = { alsoClear: [{ domain: 'example.com' }, { path: '/' }] };
    expect(await heldAfter(option, ['sid=old; Domain=example.com; Path=/'])).to.equal('sid=abc');
  });

  it('are cleared in both jars where the cookie is partitioned', () => {
    for (const [option, expected] of [
      [{ sameSite: 'none', partitioned: true }, [true, false]],
      [{ sameSite: 'none', partitioned: true, alsoClear: [{ path: '/', partitioned: false }] }, [true, false]],
      [{ alsoClear: [{ partitioned: true }] }, [false, true]],
    ] as const) {
      const exchange = new FakeExchange();
      new CookieTransport(option).clear(exchange);
      expect(exchange.setCookies.map((line) => line.includes('Partitioned'))).to.deep.equal(expected);
    }
  });

  it('come before the cookie, for browsers that keep one jar', () => {
    const lines = send({ sameSite: 'none', partitioned: true }).setCookies;
    expect(lines.map((line) => parsed(line).value)).to.deep.equal(['', 'abc']);
  });
});

describe('A session cookie of more than 3 KiB', () => {
  it('causes one warning that names the size and the limit of nginx', async () => {
    const transport = new CookieTransport(true);
    const warnings = await warningsDuring(() => {
      for (const length of [2_900, 3_500, 3_600])
        transport.send(new FakeExchange(), 'a'.repeat(length), credentialLife());
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_LARGE_COOKIE']);
    expect(warnings[0]?.message).to.match(/has 35\d\d bytes.*proxy_buffer_size/);
  });
});

describe('CookieTransport with a prefixed name', () => {
  const loopback = { secure: false, loopback: true };
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);

  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', listen);
  });
  afterEach(() => {
    process.off('warning', listen);
  });

  it('drops prefix and Secure on a plain-HTTP loopback request, in read, send and expire alike', () => {
    for (const name of ['__Host-sid', '__Secure-sid', '__Http-sid', '__Host-Http-sid']) {
      const transport = new CookieTransport(name);
      const exchange = new FakeExchange({ ...loopback, headers: { cookie: `${name}=no; sid=yes` } });
      expect(transport.readSids(exchange)).to.deep.equal(['yes']);
      transport.send(exchange, 'abc', credentialLife({ persistent: false }));
      expect(exchange.setCookies).to.deep.equal(['sid=abc; Path=/; HttpOnly; SameSite=Lax']);
      transport.clear(exchange);
      expect(exchange.setCookies).to.deep.equal([
        'sid=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
      ]);
    }
  });

  it('never drops them where secure is true in so many words', () => {
    const transport = new CookieTransport({ name: '__Host-sid', secure: true });
    const exchange = new FakeExchange({ ...loopback, headers: { cookie: '__Host-sid=yes; sid=no' } });
    expect(transport.readSids(exchange)).to.deep.equal(['yes']);
    transport.send(exchange, 'abc', credentialLife({ persistent: false }));
    expect(exchange.setCookies).to.deep.equal(['__Host-sid=abc; Path=/; HttpOnly; Secure; SameSite=Lax']);
  });

  it('keeps Secure there when SameSite=None or Partitioned need it', () => {
    for (const option of [{ sameSite: 'none' }, { partitioned: true }] as const) {
      const cookie = parsed(send({ name: '__Host-sid', ...option }, 'abc', {}, loopback).setCookies[0]);
      expect([cookie.key, cookie.secure]).to.deep.equal(['sid', true]);
    }
  });

  it('keeps the prefix over TLS and for other peers, and does not read the bare name', () => {
    for (const request of [{}, { loopback: true }, { secure: false }]) {
      const transport = new CookieTransport('__Host-sid');
      const exchange = new FakeExchange({ ...request, headers: { cookie: 'sid=no; __Host-sid=yes' } });
      expect(transport.readSids(exchange)).to.deep.equal(['yes']);
      transport.send(exchange, 'abc', credentialLife());
      transport.clear(exchange);
      const cookie = parsed(exchange.setCookies[0]);
      expect([cookie.key, cookie.secure]).to.deep.equal(['__Host-sid', true]);
    }
  });

  it('warns once a transport, and only then', async () => {
    const first = new CookieTransport('__Host-first');
    first.readSids(new FakeExchange());
    first.readSids(new FakeExchange({ secure: false }));
    new CookieTransport('bare').readSids(new FakeExchange(loopback));
    await new Promise(setImmediate);
    expect(warnings).to.deep.equal([]);
    first.readSids(new FakeExchange(loopback));
    first.send(new FakeExchange(loopback), 'secret', credentialLife());
    new CookieTransport('__Host-second').clear(new FakeExchange(loopback));
    await new Promise(setImmediate);
    expect(warnings.map((warning) => warning.name)).to.deep.equal(['SessionsWarning', 'SessionsWarning']);
    for (const warning of warnings) expect(warning).to.have.property('code', 'SESSIONS_PREFIX_DROPPED');
    expect(warnings[0]?.message).to.include('__Host-first').and.not.include('secret');
    expect(warnings[1]?.message).to.include('__Host-second');
  });
});

describe('a Secure cookie over plain HTTP', () => {
  const plain: FakeRequest = { secure: false };
  const codesOf = async (option: Option, ...requests: readonly FakeRequest[]): Promise<unknown[]> => {
    const transport = new CookieTransport(option);
    const warnings = await warningsDuring(() => {
      for (const request of requests) transport.send(new FakeExchange(request), 'secret', credentialLife());
    });
    for (const { message } of warnings) expect(message).to.include('plain HTTP').and.not.include('secret');
    return warnings.map(({ code }) => code);
  };

  const dropped: readonly [why: string, option: Option, request: FakeRequest][] = [
    ['secure: true', { secure: true }, plain],
    ['secure: true, on this machine too', { secure: true }, { ...plain, loopback: true }],
    ["sameSite: 'none'", { sameSite: 'none' }, plain],
    ['partitioned', { partitioned: true }, plain],
    ['a prefix', '__Host-sid', plain],
  ];
  for (const [why, option, request] of dropped) {
    it(`warns once: ${why}`, async () => {
      expect(await codesOf(option, request, request)).to.deep.equal(['SESSIONS_SECURE_COOKIE_OVER_HTTP']);
    });
  }

  const kept: readonly [why: string, option: Option, request: FakeRequest][] = [
    ['the cookie is not Secure', true, plain],
    ['the request came over TLS', { secure: true }, {}],
    ['a proxy says that it came over TLS', { secure: true }, { ...plain, headers: { 'x-forwarded-proto': 'https' } }],
  ];
  for (const [why, option, request] of kept) {
    it(`is no reason to warn when ${why}`, async () => {
      expect(await codesOf(option, request)).to.deep.equal([]);
    });
  }

  it('warns when a proxy says that the client used plain HTTP', async () => {
    const request = { ...plain, headers: { 'x-forwarded-proto': 'http' } };
    expect(await codesOf({ secure: true }, request)).to.deep.equal(['SESSIONS_SECURE_COOKIE_OVER_HTTP']);
  });
});

describe('a browser between CookieTransport.send and .readSids', () => {
  const name = fc
    .tuple(
      fc.constantFrom('', '__Host-', '__Secure-', '__Http-', '__Host-Http-'),
      fc.stringMatching(/^[!#$%&'*+.^`|~0-9A-Za-z-][!#$%&'*+\-.^_`|~0-9A-Za-z]{0,12}$/),
    )
    .map(([prefix, rest]) => ({ host: prefix.startsWith('__Host'), name: prefix + rest }));
  const sid = fc.stringMatching(/^[A-Za-z0-9_.-]{1,200}$/);
  const options = fc.record({
    name,
    path: fc.constantFrom('/', '/app', '/a/b-c'),
    domain: fc.constantFrom(undefined, 'example.com', 'www.example.com'),
    sameSite: fc.constantFrom('lax', 'strict', 'none' as const),
    httpOnly: fc.constant(true),
    partitioned: fc.boolean(),
    persistent: fc.boolean(),
  });

  it('hands back what was sent, until it is cleared (property)', async () => {
    await fc.assert(
      fc.asyncProperty(options, sid, async ({ name, ...rest }, value) => {
        const scope = name.host ? { path: '/', domain: undefined } : {};
        const transport = new CookieTransport({ ...rest, name: name.name, ...scope });
        const jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
        const url = `https://www.example.com${scope.path ?? rest.path}`;
        const exchange = new FakeExchange();
        const now = Date.now();
        transport.send(exchange, value, credentialLife({ expires: now + 60_000, now }));
        for (const line of exchange.setCookies) await jar.setCookie(line, url);
        expect(await readBack(transport, jar, url)).to.deep.equal([value]);
        transport.clear(exchange);
        for (const line of exchange.setCookies) await jar.setCookie(line, url);
        expect(await readBack(transport, jar, url)).to.equal(undefined);
      }),
      { numRuns: 300 },
    );
  });
});

async function readBack(transport: CookieTransport, jar: CookieJar, url: string) {
  return transport.readSids(new FakeExchange({ headers: { cookie: await jar.getCookieString(url) } }));
}
