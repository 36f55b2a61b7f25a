import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { type PostgresAddress, startPostgres } from '../support/servers/postgres.js';
import type { Backend, Expected, Inspection } from './backend.js';
import type { Random } from './random.js';

const MIB = 1024 * 1024;
/** Bytes that the table may have in any case, and for each byte of data. */
const LEAST = 16 * MIB;
const FACTOR = 10;
/** Bytes of a row without its body, about, with its share of the indexes. */
const ROW = 600;
/** ms between two looks whether the server is there again, and how many of them. */
const LOOK = 100;
const MOST_LOOKS = 600;

/** Why there is none, as a text. */
export async function startPostgresBackend(): Promise<Backend | string> {
  const started = await startPostgres('on');
  if (typeof started === 'string') return started;
  const { server, stop } = started;
  const { address } = server;
  const pool = new pg.Pool(address);
  await new PostgresStore({ pool }).migrate();
  await pool.end();
  return {
    name: 'PostgreSQL',
    address: () => ({ kind: 'postgres', server: address }),
    faults: [
      {
        name: 'crash and restart',
        run: async (random) => {
          await server.process.stop('SIGQUIT');
          await delay(random.between(0, 500));
          await server.process.start();
        },
      },
      { name: 'kill a connection', run: (random) => signalOne(address, 'SIGKILL', random) },
      { name: 'stop and continue a connection', run: (random) => signalOne(address, 'SIGSTOP', random) },
    ],
    settling: 2_500,
    sample: () => {},
    inspect: (expected) => inspect(address, expected),
    stop,
  };
}

/** Sends a signal to the process of a connection. A kill makes the server end all of them, and recover. */
async function signalOne(address: PostgresAddress, signal: 'SIGKILL' | 'SIGSTOP', random: Random): Promise<void> {
  const rows = await asked(address, (client) =>
    client.query(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`),
  );
  const pid = Number(random.of(rows)?.['pid']);
  if (!signalled(pid, signal)) return;
  if (signal === 'SIGSTOP') await paused(pid, random.between(50, 3_000));
  else await recovered(address);
}

/** Lets a process that was stopped go on after so many ms, or when this one exits: nothing else would. */
async function paused(pid: number, duration: number): Promise<void> {
  const goOn = (): void => {
    signalled(pid, 'SIGCONT');
  };
  process.once('exit', goOn);
  await delay(duration);
  process.off('exit', goOn);
  goOn();
}

async function recovered(address: PostgresAddress): Promise<void> {
  let failure: unknown;
  for (let left = MOST_LOOKS; left > 0; left -= 1) {
    await delay(LOOK);
    try {
      await asked(address, (client) => client.query('SELECT 1'));
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw new Error('PostgreSQL does not recover', { cause: failure });
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function inspect(address: PostgresAddress, { entries, now }: Expected): Promise<Inspection> {
  const problems: string[] = [];
  await asked(address, (client) => client.query('VACUUM ANALYZE sessions'));
  const [row] = await asked(address, (client) =>
    client.query(
      `SELECT count(*) AS rows, coalesce(sum(length(body)), 0) AS bytes, count(*) FILTER (WHERE expires_at <= $1) AS old,
        pg_total_relation_size('sessions') AS size FROM sessions`,
      [now],
    ),
  );
  const rows = Number(row?.['rows']);
  if (rows !== entries) problems.push(`${rows} rows, but ${entries} entries are found by their ids`);
  if (Number(row?.['old']) > 0) problems.push(`${row?.['old']} expired rows after a sweep of all`);
  const size = Number(row?.['size']);
  const most = LEAST + FACTOR * (Number(row?.['bytes']) + ROW * rows);
  if (size > most) problems.push(`the table has ${size} bytes for ${rows} rows; at most ${most} were expected`);
  return { problems, figures: { rows, 'table, KiB': Math.round(size / 1024) } };
}

async function asked(
  address: PostgresAddress,
  query: (client: pg.Client) => Promise<pg.QueryResult<Record<string, unknown>>>,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client(address);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await query(client)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
