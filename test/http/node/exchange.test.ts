import { createServer, get, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { NodeExchange, NodeIncoming } from '../../../src/http/node/exchange.js';

interface Asked {
  readonly from?: string | undefined;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket?: Socket;
  readonly secure?: unknown;
  readonly protocol?: unknown;
  readonly hostname?: unknown;
}

const sockets: Socket[] = [];

function requestOf({ from, headers = {}, socket = new Socket(), ...others }: Asked): IncomingMessage {
  sockets.push(socket);
  Object.defineProperty(socket, 'remoteAddress', { value: from });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers);
  return Object.assign(request, others);
}

const isLoopback = (asked: Asked): boolean => new NodeIncoming(requestOf(asked)).isLoopback();

const OWN = ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'];
const OTHERS = [
  '10.0.0.1',
  '192.168.0.1',
  '1.127.0.1',
  '128.0.0.1',
  '::ffff:10.0.0.1',
  '::',
  '::2',
  'fe80::1',
  '2001:db8::1',
  '::ffff:7f00:1:1',
  '127.0.0.1.example',
  '127.1',
  '',
  undefined,
];
const LOCAL = [
  'localhost',
  'LocalHost',
  'localhost:3000',
  'foo.localhost',
  'foo.bar-1.localhost:8080',
  '127.0.0.1',
  '127.0.0.1:3000',
  '127.1.2.3',
  '[::1]',
  '[::1]:80',
];
const ELSEWHERE = [
  'app.example',
  'app.example:80',
  'localhost.example',
  'localhost:80.example',
  'notlocalhost',
  'foo.notlocalhost',
  '127.0.0.1.example',
  '127.0.0.1.nip.io:80',
  '1127.0.0.1',
  '10.0.0.1',
  '::1',
  '[::2]',
  '[::1].example',
  '0.0.0.0',
  'localhost:',
  'localhost:a',
  'app.example, localhost',
  'app.example\nlocalhost',
  'localhost\n',
  '.localhost.',
  '',
  undefined,
];
const OF_PROXIES = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-real-ip',
  'x-client-ip',
  'x-original-host',
  'x-original-url',
  'forwarded',
  'via',
  'cf-connecting-ip',
  'cf-ray',
  'cf-visitor',
  'true-client-ip',
];
const OF_CLIENTS = ['accept', 'cookie', 'user-agent', 'x-forwarded', 'viable', 'x-via', 'forwarded-by', 'x-session-id'];

describe('NodeIncoming', () => {
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  describe('host', () => {
    const hostOf = (asked: Asked): string | undefined => new NodeIncoming(requestOf(asked)).host();

    it('is the one of the request, over HTTP/2 too', () => {
      expect(hostOf({ headers: { host: 'Shop.example:3000' } })).to.equal('Shop.example:3000');
      expect(hostOf({ headers: { ':authority': 'shop.example' } })).to.equal('shop.example');
      expect(hostOf({})).to.equal(undefined);
    });

    it('is the forwarded one, with its port, if the framework takes that', () => {
      for (const [forwarded, hostname, host] of [
        ['shop.example', 'shop.example', 'shop.example'],
        ['shop.example:8443', 'shop.example', 'shop.example:8443'],
        ['[2001:db8::1]:8443', '[2001:db8::1]', '[2001:db8::1]:8443'],
        ['shop.example:1, inner.example:2', 'shop.example', 'shop.example:1'],
        ['shop.example:1, inner.example:2', 'inner.example', 'inner.example:2'],
        ['', 'inner', 'inner:3000'],
      ]) {
        const headers = { host: 'inner:3000', 'x-forwarded-host': forwarded };
        expect(hostOf({ headers, hostname }), forwarded).to.equal(host);
      }
    });

    it('is not the forwarded one without a framework, or if the framework does not take it', () => {
      const headers = { host: 'inner:3000', 'x-forwarded-host': 'evil.example' };
      for (const hostname of [undefined, 'inner', 5]) expect(hostOf({ headers, hostname })).to.equal('inner:3000');
    });
  });

  describe('isLoopback', () => {
    for (const from of OWN) {
      it(`is true for ${from} that asks for a local name`, () => {
        for (const host of LOCAL) expect(isLoopback({ from, headers: { host } }), host).to.equal(true);
      });

      it(`is true for ${from} that asks for a local name as HTTP/2 does`, () => {
        for (const host of LOCAL) expect(isLoopback({ from, headers: { ':authority': host } }), host).to.equal(true);
        expect(isLoopback({ from, headers: { host: 'app.example', ':authority': 'localhost' } })).to.equal(false);
      });

      it(`is false for ${from} that asks for any other name, or none`, () => {
        for (const host of ELSEWHERE) expect(isLoopback({ from, headers: { host } }), String(host)).to.equal(false);
        expect(isLoopback({ from })).to.equal(false);
      });
    }

    it('is false for every other address, whatever it asks for', () => {
      for (const from of OTHERS) {
        for (const host of [...LOCAL, ...ELSEWHERE])
          expect(isLoopback({ from, headers: { host } }), `${from} ${host}`).to.equal(false);
      }
    });

    for (const name of OF_PROXIES) {
      it(`is false once a proxy said something: ${name}`, () => {
        for (const from of OWN) {
          for (const value of ['127.0.0.1', 'localhost', ''])
            expect(isLoopback({ from, headers: { host: 'localhost', [name]: value } })).to.equal(false);
        }
      });
    }

    it('minds no header that is no proxy’s', () => {
      for (const name of OF_CLIENTS)
        expect(isLoopback({ from: '::1', headers: { host: 'localhost', [name]: 'x' } }), name).to.equal(true);
    });

    it('does not go by what a framework says of a trusted proxy', () => {
      const request = Object.assign(requestOf({ from: '10.0.0.1', headers: { host: 'localhost' } }), {
        ip: '127.0.0.1',
        hostname: 'localhost',
      });
      expect(new NodeIncoming(request).isLoopback()).to.equal(false);
    });

    it('is so of real requests, spelt in any case', async () => {
      const seen: boolean[] = [];
      const server = createServer((request, response) => {
        seen.push(new NodeIncoming(request).isLoopback());
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      for (const headers of [{}, { Host: 'app.example' }, { 'X-Forwarded-For': '10.0.0.1' }, { VIA: '1.1 proxy' }]) {
        await new Promise((resolve, reject) => {
          get({ host: '127.0.0.1', port, headers, agent: false }, (response) =>
            response.resume().on('end', resolve),
          ).on('error', reject);
        });
      }
      await new Promise((resolve) => server.close(resolve));
      expect(seen).to.deep.equal([true, false, false, false]);
    });
  });

  describe('isSecure', () => {
    const plain = (): Socket => new Socket();
    const overTls = (): Socket => new TLSSocket(new Socket());
    const isSecure = (asked: Asked): boolean => new NodeIncoming(requestOf(asked)).isSecure();

    it('is what the framework says, whatever the socket is', () => {
      for (const secure of [true, false]) {
        for (const socket of [plain(), overTls()]) expect(isSecure({ secure, socket })).to.equal(secure);
      }
    });

    it('is what the protocol of the framework says where it says only that', () => {
      for (const [protocol, isTls] of [
        ['https', true],
        ['http', false],
      ]) {
        for (const socket of [plain(), overTls()]) expect(isSecure({ protocol, socket })).to.equal(isTls);
        expect(isSecure({ protocol, secure: !isTls })).to.equal(!isTls);
      }
    });

    it('is what the socket says when there is no framework, or none that knows', () => {
      expect([isSecure({ socket: plain() }), isSecure({ socket: overTls() })]).to.deep.equal([false, true]);
      for (const secure of [undefined, null, 'true', 1]) {
        expect(isSecure({ secure, socket: plain() }), String(secure)).to.equal(false);
        expect(isSecure({ secure, socket: overTls() }), String(secure)).to.equal(true);
      }
    });

    it('does not believe X-Forwarded-Proto by itself', () => {
      expect(isSecure({ headers: { 'x-forwarded-proto': 'https' } })).to.equal(false);
    });
  });

  describe('requestHeader', () => {
    it('is the value, several joined by a comma, and undefined when there is none', () => {
      const request = new NodeIncoming(
        requestOf({ headers: { one: 'a', many: ['a', 'b'], single: ['a'], empty: '' } }),
      );
      const names = ['one', 'many', 'single', 'empty', 'none'];
      expect(names.map((name) => request.requestHeader(name))).to.deep.equal(['a', 'a, b', 'a', '', undefined]);
    });
  });

  it('has the method of its request, and GET where there is none', () => {
    const request = requestOf({});
    expect(new NodeIncoming(request).method).to.equal('GET');
    request.method = 'POST';
    expect(new NodeIncoming(request).method).to.equal('POST');
  });
});

describe('NodeExchange', () => {
  it('reads and replaces response headers, one line for each value', () => {
    const request = requestOf({});
    const response = new ServerResponse(request);
    const exchange = new NodeExchange(request, response);
    expect(exchange.responseHeader('Set-Cookie')).to.deep.equal([]);
    exchange.setResponseHeader('Set-Cookie', ['a=1', 'b=2']);
    exchange.setResponseHeader('Vary', 'Cookie');
    response.setHeader('Content-Length', 5);
    const names = ['set-cookie', 'VARY', 'content-length'];
    expect(names.map((name) => exchange.responseHeader(name))).to.deep.equal([['a=1', 'b=2'], ['Cookie'], ['5']]);
    exchange.setResponseHeader('set-cookie', ['c=3']);
    expect(response.getHeader('Set-Cookie')).to.deep.equal(['c=3']);
  });
});
