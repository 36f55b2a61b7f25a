import { join } from 'node:path';
import { newId } from '../../../src/lib/id.js';
import { durablePostgres, postgres } from '../servers/postgres.js';
import { type ServerProcess, temporaryFolder } from '../servers/program.js';
import { ownRedis, sharedRedis } from '../servers/redis.js';
import type { LogSettings } from './logs.js';

/** A new log, as each of two processes opens it. */
export type LogPair = readonly [here: LogSettings, there: LogSettings];

/** The logs with a server, which the test may end: `stop` is a crash. */
export interface ServedLog {
  readonly logs: LogPair;
  readonly server: ServerProcess;
  readonly crash: NodeJS.Signals;
}

type Opened<Log> = (context: Mocha.Context) => Promise<Log>;

/** Every kind of log, on what all tests share. */
export const LOG_KINDS: readonly (readonly [name: string, open: Opened<LogPair>])[] = [
  ['SqliteRevocationLog', async () => sqliteLogs()],
  ['RedisRevocationLog', async (context) => redisLogs((await sharedRedis(context)).port)],
  ['PostgresRevocationLog', async (context) => postgresLogs((await postgres(context)).address)],
];

/** The kinds that have a server, each with one of its own that keeps what it acknowledged. */
export const SERVED_KINDS: readonly (readonly [name: string, open: Opened<ServedLog>])[] = [
  [
    'RedisRevocationLog',
    async (context) => {
      const { port, process } = await ownRedis(context, { isDurable: true });
      return { logs: redisLogs(port), server: process, crash: 'SIGKILL' };
    },
  ],
  [
    'PostgresRevocationLog',
    async (context) => {
      const { address, process } = await durablePostgres()(context);
      return { logs: postgresLogs(address), server: process, crash: 'SIGQUIT' };
    },
  ],
];

function sqliteLogs(): LogPair {
  const log: LogSettings = { kind: 'sqlite', path: join(temporaryFolder(), 'log.sqlite') };
  return [log, log];
}

function redisLogs(port: number): LogPair {
  const log = { kind: 'redis', port, prefix: `${newId()}:` } as const;
  return [
    { ...log, client: 'redis' },
    { ...log, client: 'ioredis' },
  ];
}

function postgresLogs(address: Extract<LogSettings, { readonly kind: 'postgres' }>['address']): LogPair {
  const log: LogSettings = { kind: 'postgres', address, table: `log_${newId().replaceAll('-', '_')}` };
  return [log, log];
}
