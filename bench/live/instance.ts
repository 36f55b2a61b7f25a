import pg from 'pg';
import { createClient } from 'redis';
import type { SampleData, SampleUser } from '../token/sample-session.js';
import { NO_HEARTBEAT } from './live-server.js';
import { LiveSessions, RevocationList, SessionStorage } from './packages.js';

const REDIS: string = 'sessions-jwt/redis';
const POSTGRES: string = 'sessions-jwt/postgres';
const { RedisBus }: typeof import('../../src/drivers/redis/index.js') = await import(REDIS);
const { PostgresBus }: typeof import('../../src/drivers/postgres/index.js') = await import(POSTGRES);

/** The kinds of bus that instances can share. */
export const BUSES = ['RedisBus', 'PostgresBus'] as const;
export type BusName = (typeof BUSES)[number];

/** One instance of a service: it shares a secret and a bus with the others. */
export async function instanceOf(bus: BusName, url: string, secret: string) {
  const sessionStorage = new SessionStorage<SampleData, SampleUser>({
    jwtSecret: secret,
    revocations: new RevocationList(),
  });
  const client = await CLIENTS[bus](url);
  const live = new LiveSessions({ sessionStorage, bus: client.bus, heartbeat: NO_HEARTBEAT });
  return {
    sessionStorage,
    live,
    async close() {
      await live.close();
      await client.close();
    },
  };
}

const CLIENTS = {
  async RedisBus(url: string) {
    const client = await createClient({ url }).connect();
    const bus = new RedisBus({ client });
    return { bus, close: () => bus.close().then(() => client.close()) };
  },

  async PostgresBus(url: string) {
    const pool = new pg.Pool({ connectionString: url });
    const bus = new PostgresBus({ pool });
    await bus.migrate();
    return { bus, close: () => bus.close().then(() => pool.end()) };
  },
};
