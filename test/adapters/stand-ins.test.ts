import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { activateSessions } from '../../src/adapters/express.js';
import {
  MemoryStore,
  ServerSessionStorage,
  SessionHeadSent,
  SessionStorage,
  StoreUnavailable,
} from '../../src/index.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { guardProcess, nextTurn } from '../support/deferred-head.js';
import { errorOf } from '../support/outcomes.js';
import { SECRET } from '../support/sessions.js';

/** A response as test doubles, serverless adapters and upgrades give one: whole, but none of Node's. */
class StandIn extends EventEmitter {
  readonly headers: Record<string, unknown> = {};
  readonly sent: unknown[] = [];
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  destroyed = false;

  setHeader(name: string, value: unknown): void {
    this.headers[name.toLowerCase()] = value;
  }
  getHeader(name: string): unknown {
    return this.headers[name.toLowerCase()];
  }
  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }
  removeHeader(name: string): void {
    delete this.headers[name.toLowerCase()];
  }
  appendHeader(name: string, value: unknown): void {
    this.setHeader(name, [this.getHeader(name) ?? [], value].flat());
  }
  flushHeaders(): void {
    this.headersSent = true;
  }
  writeHead(): this {
    this.headersSent = true;
    return this;
  }
  write(chunk: unknown): boolean {
    this.sent.push(chunk);
    return true;
  }
  end(chunk: unknown): void {
    this.headersSent = true;
    this.writableEnded = true;
    this.sent.push(chunk);
  }
  destroy(): void {
    this.destroyed = true;
  }
}

const MEMBERS = [
  'setHeader',
  'getHeader',
  'hasHeader',
  'removeHeader',
  'appendHeader',
  'flushHeaders',
  'writeHead',
  'write',
  'end',
  'destroy',
  'on',
  'once',
  'emit',
  'removeAllListeners',
  'statusCode',
  'headersSent',
  'writableEnded',
] as const;

const NEEDED: readonly string[] = ['setHeader', 'getHeader', 'removeHeader', 'writeHead', 'write', 'end', 'statusCode'];

const request = (cookie?: string) => ({
  method: 'GET',
  url: '/',
  headers: { host: 'example.com', ...(cookie !== undefined && { cookie }) },
  socket: new EventEmitter(),
});

/** Puts a request through the middleware, and gives what `next` got. */
function pass(middleware: unknown, incoming: object, response: object): Promise<unknown> {
  return new Promise((resolve) => {
    if (typeof middleware === 'function') middleware(incoming, response, resolve);
  });
}

const store = new FaultyStore(new MemoryStore());
const kinds = {
  tokens: new SessionStorage({ jwtSecret: SECRET }),
  'a store': new ServerSessionStorage({ store, sweepInterval: null }),
};

for (const [kind, sessionStorage] of Object.entries(kinds)) {
  describe(`A stand-in for a response, with ${kind}`, () => {
    guardProcess();

    const activate = () => Reflect.apply(activateSessions, undefined, [{ sessionStorage, cookie: true }]);

    it('gets the cookie of a sign-in when it is whole', async () => {
      const [incoming, response] = [request(), new StandIn()];
      await pass(activate(), incoming, response);
      Reflect.get(incoming, 'session').setUser('u1');
      response.end('x');
      await nextTurn();
      await nextTurn();
      expect(String(response.headers['set-cookie'])).to.match(/^sid=/);
      expect(response.sent).to.deep.equal(['x']);
    });

    it('may belong to a request without a socket', async () => {
      const [incoming, response] = [{ ...request(), socket: undefined }, new StandIn()];
      expect(await pass(activate(), incoming, response)).to.equal(undefined);
      Reflect.get(incoming, 'session').setUser('u1');
      response.end('x');
      await nextTurn();
      await nextTurn();
      expect(String(response.headers['set-cookie'])).to.match(/^sid=/);
    });

    for (const member of MEMBERS) {
      const isNeeded = NEEDED.includes(member);

      it(`without ${member} ${isNeeded ? 'refuses what it could not send' : 'still gets the cookie'}, and ends no process`, async () => {
        const [incoming, response] = [request(), new StandIn()];
        Object.defineProperty(response, member, { value: undefined, configurable: true, writable: true });
        expect(await pass(activate(), incoming, response)).to.equal(undefined);
        const session = Reflect.get(incoming, 'session');
        expect(session.uid).to.equal(undefined);
        if (isNeeded) {
          expect(await errorOf(() => session.setUser('u1'))).to.be.instanceOf(SessionHeadSent);
          return;
        }
        session.setUser('u1');
        response.end('x');
        await nextTurn();
        await nextTurn();
        expect(String(response.headers['set-cookie'])).to.match(/^sid=/);
      });

      if (kind === 'a store') {
        it(`without ${member} ends no process when the store fails`, async () => {
          const [incoming, response] = [request(), new StandIn()];
          Object.defineProperty(response, member, { value: undefined, configurable: true, writable: true });
          const passed: unknown[] = [];
          const middleware: unknown = activate();
          if (typeof middleware !== 'function') throw new Error('no middleware');
          middleware(incoming, response, (error: unknown) => passed.push(error));
          const session = Reflect.get(incoming, 'session');
          if (!isNeeded) session.setUser('u1');
          store.disconnect('rejects');
          if (member !== 'end') response.end('x');
          for (let turn = 0; turn < 5; turn += 1) await nextTurn();
          store.heal();
          if (isNeeded) expect(passed).to.deep.equal([undefined]);
          else expect(passed[1]).to.be.instanceOf(StoreUnavailable);
        });
      }
    }
  });
}
