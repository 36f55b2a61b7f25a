import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { MemoryStore, RevocationList } from 'sessions-jwt';
import { LiveSessions } from 'sessions-jwt/live';
import { createApp } from '../../examples/console/app.js';
import {
  createServerStorage,
  createTokenStorage,
  type ServerStorage,
  type TokenStorage,
} from '../../examples/console/storage.js';

/** The two kinds of sessions that the console can keep. */
export type Kind = 'server' | 'tokens';

export const SECRET = 'a secret of the tests alone, long enough for a hash of 512 bits.';
export const CSRF_SECRET = 'another secret of the tests alone';
export const MINUTE = 60_000;

/** The console of one test: at a time that stands still until it is set, and with nobody's sessions. */
export class ConsoleBench {
  now = 1_800_000_000_000;
  base = '';
  readonly sessionStorage: ServerStorage | TokenStorage;
  readonly live: LiveSessions;
  readonly #server: Server;

  constructor(kind: Kind) {
    const clock = { now: () => this.now };
    this.sessionStorage =
      kind === 'tokens'
        ? createTokenStorage(SECRET, new RevocationList(), clock)
        : createServerStorage(new MemoryStore(), undefined, clock);
    const keptIn = kind === 'tokens' ? 'signed tokens' : 'memory';
    const { sessionStorage } = this;
    this.live = new LiveSessions({ sessionStorage });
    this.#server = createServer(createApp({ sessionStorage, live: this.live, keptIn, csrfSecret: CSRF_SECRET }));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.base = `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    await this.live.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
    await this.sessionStorage.close();
  }
}
