import { expect } from 'chai';
import fc from 'fast-check';
import { SessionTooLarge } from '../../../src/errors.js';
import { HeaderTransport } from '../../../src/http/transports/header.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { untypedHeader } from '../../support/transports.js';

function read(value: string): readonly string[] | undefined {
  return new HeaderTransport(true).readSids(new FakeExchange({ headers: { 'x-session-id': value } }));
}

function refused(option: unknown, message: string): void {
  expect(() => untypedHeader(option), JSON.stringify(option)).to.throw(TypeError, message);
}

describe('HeaderTransport', () => {
  it('takes true, a name and an object, and announces only when asked', () => {
    expect(new HeaderTransport(true)).to.include({ varyOn: 'X-Session-Id', announce: false });
    expect(new HeaderTransport('X-My-Sid')).to.include({ varyOn: 'X-My-Sid', announce: false });
    expect(new HeaderTransport({ announce: true })).to.include({ varyOn: 'X-Session-Id', announce: true });
    expect(new HeaderTransport({ name: undefined, announce: undefined })).to.include({ announce: false });
  });

  it('reads the sid, whatever the spelling of the configured name', () => {
    const exchange = new FakeExchange({ headers: { 'x-my-sid': 'a.b-c_D' } });
    expect(new HeaderTransport('X-MY-Sid').readSids(exchange)).to.deep.equal(['a.b-c_D']);
  });

  it('gives undefined only when the header is absent (row 41)', () => {
    expect(new HeaderTransport(true).readSids(new FakeExchange())).to.equal(undefined);
    for (const junk of ['', ' ', 'a b', 'a, b', 'Bearer abc', '"abc"', 'é', '\0', 'a=b']) {
      expect(read(junk), junk).to.deep.equal([]);
    }
  });

  it('takes nothing from cookies or from Authorization (row 41)', () => {
    const headers = { cookie: 'sid=abc; X-Session-Id=abc; x-session-id=abc', authorization: 'Bearer abc' };
    expect(new HeaderTransport(true).readSids(new FakeExchange({ headers }))).to.equal(undefined);
  });

  it('reads and sends 16384 characters and not one more (row 34)', () => {
    const longest = 'a'.repeat(16_384);
    expect(read(longest)).to.deep.equal([longest]);
    expect(read(`${longest}a`)).to.deep.equal([]);
    const exchange = new FakeExchange();
    expect(() => new HeaderTransport(true).send(exchange, `${longest}a`))
      .to.throw(SessionTooLarge)
      .with.include({ size: 16_385, limit: 16_384 });
    expect(exchange.responseHeaders.size).to.equal(0);
    new HeaderTransport(true).send(exchange, longest);
    expect(exchange.responseHeader('x-session-id')).to.deep.equal([longest]);
  });

  it('sends the sid in the header of its name, and empties it', () => {
    const exchange = new FakeExchange();
    const transport = new HeaderTransport('X-My-Sid');
    transport.send(exchange, 'first');
    transport.send(exchange, 'abc');
    expect([...exchange.responseHeaders]).to.deep.equal([['x-my-sid', ['abc']]]);
    transport.clear(exchange);
    expect([...exchange.responseHeaders]).to.deep.equal([['x-my-sid', ['']]]);
  });

  it('refuses a sid that would not survive the way, without repeating it (row 35)', () => {
    for (const sid of ['', 'secret\r\nSet-Cookie: a=b', 'secret ', 'secreté']) {
      const exchange = new FakeExchange();
      expect(() => new HeaderTransport(true).send(exchange, sid))
        .to.throw(TypeError)
        .with.property('message')
        .that.does.not.include('secret');
      expect(exchange.responseHeaders.size).to.equal(0);
    }
  });

  it('refuses names that belong to HTTP, browsers, proxies or this package', () => {
    const taken = `Cookie Set-Cookie Authorization Host Content-Length Content-Type Transfer-Encoding Connection Accept
      Accept-Language Range Origin Referer User-Agent Last-Event-ID If-None-Match Sec-Fetch-Site Proxy-Authorization
      X-Forwarded-For Forwarded Vary Cache-Control Access-Control-Allow-Origin X-Requested-With X-CSRF-Token
      X-Session-Instance`.split(/\s+/);
    for (const name of taken) {
      for (const spelt of [name, name.toLowerCase(), name.toUpperCase()]) {
        refused(spelt, 'header.name: must not be a header with another meaning');
      }
    }
    for (const free of ['X-Accept', 'Section', 'Hostage', 'Session']) {
      expect(new HeaderTransport(free).varyOn).to.equal(free);
    }
  });

  it('names the option that is wrong or unknown', () => {
    for (const wrong of [null, 7, ['X-A'], () => true]) refused(wrong, 'header: must be true, a name or an object');
    for (const wrong of [null, 7, {}, []]) {
      refused({ name: wrong }, 'header.name: must be a string');
      refused({ announce: wrong }, 'header.announce: must be true or false');
    }
    refused('', 'header.name: must be an HTTP token');
    refused({ prefix: 'x' }, 'unknown option header.prefix');
  });

  it('ends in a TypeError or in a header that HTTP accepts (row 35, property)', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.array(fc.constantFrom('X-', 'a', ':', '\r', '\n', '\0', ' ', ';', ',', 'é')).map((parts) => parts.join('')),
    );
    let accepted = 0;
    fc.assert(
      fc.property(text, (name) => {
        let transport: HeaderTransport;
        try {
          transport = untypedHeader(name);
        } catch (error) {
          expect(error).to.be.instanceOf(TypeError);
          return;
        }
        accepted += 1;
        const exchange = new FakeExchange();
        transport.send(exchange, 'abc');
        const headers = new Headers(
          [...exchange.responseHeaders].map(([key, value]): [string, string] => [key, value.join()]),
        );
        expect([...headers]).to.deep.equal([[name.toLowerCase(), 'abc']]);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).to.be.above(20);
  });
});
