import { Redis } from 'ioredis';
import pg from 'pg';
import { openDatabase } from '../sqlite.js';
import type { LogSettings } from './logs.js';

/** Changes what a log has stored, behind its back. */
export interface LogHand {
  /** The newest entry. */
  newest(): Promise<string>;
  /** Deletes what is newer than that, as a failover to a replica that is behind does. Returns how many entries that were. */
  loseAfter(newest: string): Promise<number>;
  /** Deletes all entries. Returns how many there were. */
  loseAll(): Promise<number>;
  close(): Promise<void>;
}

export function openHand(settings: LogSettings): LogHand {
  switch (settings.kind) {
    case 'sqlite':
      return sqliteHand(settings.path);
    case 'redis':
      return redisHand(settings.port, `${settings.prefix}{revocations}:`);
    case 'postgres':
      return postgresHand(new pg.Pool({ ...settings.address, max: 1 }), `"${settings.table}"`);
  }
}

function sqliteHand(path: string): LogHand {
  const database = openDatabase(path);
  // Other processes write, too.
  database.exec('PRAGMA busy_timeout = 10000');
  const loseAfter = async (newest: string): Promise<number> =>
    database.prepare('DELETE FROM revocations WHERE seq > ? RETURNING seq').all(Number(newest)).length;
  return {
    newest: async () => String(Object(database.prepare('SELECT max(seq) AS newest FROM revocations').all()[0]).newest),
    loseAfter,
    loseAll: () => loseAfter('0'),
    close: async () => void database.close(),
  };
}

function redisHand(port: number, keys: string): LogHand {
  const client = new Redis({ port, host: '127.0.0.1' });
  const entries = `${keys}entries`;
  const lose = async (from: string): Promise<number> => {
    const lost = await client.zremrangebylex(entries, from, '+');
    // A failover interrupts those that wait for the next entry, too.
    await client.xadd(`${keys}bell`, 'MAXLEN', 1, '*', 'e', '');
    return lost;
  };
  return {
    newest: async () => String(await client.zrange(entries, '-1', '-1')),
    loseAfter: (newest) => lose(`(${newest}`),
    loseAll: () => lose('-'),
    close: async () => client.disconnect(),
  };
}

function postgresHand(pool: pg.Pool, table: string): LogHand {
  const loseAfter = async (newest: string): Promise<number> =>
    (await pool.query(`DELETE FROM ${table} WHERE seq > $1`, [newest])).rowCount ?? 0;
  return {
    newest: async () => String((await pool.query(`SELECT max(seq) AS newest FROM ${table}`)).rows[0].newest),
    loseAfter,
    loseAll: () => loseAfter('0'),
    close: () => pool.end(),
  };
}
