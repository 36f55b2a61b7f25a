import { once } from 'node:events';
import type { Server } from 'node:http';
import sinon from 'sinon';
import { Browser } from './browser.js';
import { nextTurn } from './deferred-head.js';
import type { AnyStorage } from './kits.js';
import { runPage } from './page-program.js';

/** How often `closeWhenEnded` of docs/websockets.md asks, in ms. */
export const INTERVAL = 30_000;
/** An origin that the programs of that page let in. */
export const ORIGIN = 'http://127.0.0.1:3000';

const MOST_TURNS = 10_000;

/** A program of docs/websockets.md on a storage of the test, and a browser that visits it. */
export interface SocketShop<Program> {
  readonly program: Program & { readonly server: Server };
  readonly browser: Browser;
  readonly port: number;
  /** Waits for `count` more checks whether a session has ended. */
  checked(count: number): Promise<void>;
  /** How many checks nobody has waited for. */
  unseen(): number;
  close(): void;
}

/** `mark`: what only this program has; `names`: what the test needs of its declarations, besides the server. */
export async function openSocketShop<Program>(
  sessionStorage: AnyStorage,
  mark: string,
  ...names: readonly (keyof Program & string)[]
): Promise<SocketShop<Program>> {
  const check = sinon.spy(sessionStorage, 'check');
  const place = { page: 'docs/websockets.md', mark, gives: { sessionStorage } };
  const program = await runPage<Program & { readonly server: Server }>(place, 'server', ...names);
  const { server } = program;
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  let seen = 0;
  return {
    program,
    browser: new Browser(address.port),
    port: address.port,
    async checked(count) {
      seen += count;
      for (let turn = 0; check.callCount < seen; turn += 1) {
        if (turn === MOST_TURNS) throw new Error(`${seen - check.callCount} checks did not happen`);
        await nextTurn();
      }
      await Promise.allSettled(check.returnValues);
      await nextTurn();
    },
    unseen: () => check.callCount - seen,
    close() {
      check.restore();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Lets time pass for `setInterval` alone; each check happens when the test says so. */
export function fakeIntervals(): { pass(ms: number): void } {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => clock.restore());
  return { pass: (ms) => void clock.tick(ms) };
}

/** The ends of a session of `uid` that this process sees at once. */
export const ENDS: Readonly<Record<string, (storage: AnyStorage, sid: string) => Promise<unknown>>> = {
  'its session is revoked': (storage, sid) => storage.revoke({ sid }),
  'all sessions of its user are revoked': (storage) => storage.revoke({ uid: 'u1' }),
  "everyone's sessions are revoked": (storage) => storage.revoke('everyone'),
  'another user signs in': async (storage, sid) => await storage.commit((await storage.get(sid)).setUser('u2')),
  'it is invalidated': async (storage, sid) =>
    await storage.commit((await storage.get(sid)).forceInvalidate('CurrentSessionId')),
};

/** What does not end a session, but causes a check. */
export const NO_ENDS: Readonly<Record<string, (storage: AnyStorage, sid: string) => Promise<unknown>>> = {
  'it rotates': async (storage, sid) => await storage.commit((await storage.get(sid)).rotate()),
  'its user signs in again': async (storage, sid) => await storage.commit((await storage.get(sid)).setUser('u1')),
  "its user's other sessions are revoked": async (storage, sid) =>
    await storage.revoke({ uid: 'u1', except: await storage.get(sid) }),
};
