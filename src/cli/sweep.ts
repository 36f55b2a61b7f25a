import { StoreUnavailable } from '../errors.js';
import { ServerSessionStorage } from '../storage/server/server-session-storage.js';
import { type Command, type CommandIo, OK, UsageError } from './command.js';
import { type OptionNames, readOptions } from './options.js';
import { DATABASE_VARIABLE, type SweepSource, sourceOf } from './sweep-source.js';

const OPTIONS: OptionNames = { flags: ['json', 'redis'], values: ['sqlite', 'database-env', 'table'] };

/** What the codes of PostgreSQL mean to whoever set this up; the addresses and names in its messages stay out. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'there is no such host',
  '28P01': 'the password is refused',
  '28000': 'the role is refused',
  '3D000': 'there is no such database',
  '42P01': 'there is no such table; the application makes it with migrate()',
  '42501': 'the role lacks a right',
};

/** Removes expired sessions from a store, once. */
export const sweep: Command = {
  name: 'sweep',
  synopsis: 'sweep [options]',
  summary: 'remove expired sessions from a store, once',
  help: `Removes the expired sessions of a store, and prints how many there were. Use it
with a scheduler such as cron. A running application removes expired sessions
every few minutes anyway; it is safe to do both at the same time.

Which store:
  --sqlite <file>           the database file of a SqliteStore. Run this on the same
                            machine and as the same user as the application
  the environment variable ${DATABASE_VARIABLE}, without --sqlite and --redis:
                            the address of the database of a PostgresStore. It may
                            contain a password, so it is not a command-line option
  --database-env <name>     another environment variable
  --table <name>            the table in SQLite or PostgreSQL; default sessions
  --redis                   nothing to do: Redis removes expired sessions by itself.
                            After revoke('everyone'), the application's own sweeper
                            removes what was left

  --json                    print one JSON object instead of text

SQLite is opened with node:sqlite (Node 22.13 or newer) or with the application's
package libsql or better-sqlite3; PostgreSQL with the application's package pg.
exit code: 0 swept, even if nothing had expired; 1 failed; 2 wrong usage
`,
  async run({ args, env, stdout, clock }) {
    const options = readOptions(args, OPTIONS);
    if (options.positionals.length > 0) {
      // What was typed may be an address with a password in it.
      throw new UsageError(`sweep takes no arguments; the address of a database goes into ${DATABASE_VARIABLE}`);
    }
    const source = sourceOf(options, env);
    const removed = await sweepOnce(source, clock);
    if (options.flags.has('json')) stdout.write(`${JSON.stringify({ store: source.kind, removed })}\n`);
    else if (source.kind === 'redis') stdout.write('Redis removes expired sessions by itself: nothing to do\n');
    else stdout.write(`removed ${removed} expired ${removed === 1 ? 'session' : 'sessions'}\n`);
    return OK;
  },
};

/** Gives how many there were. */
async function sweepOnce({ kind, open }: SweepSource, clock: CommandIo['clock']): Promise<number> {
  if (open === undefined) return 0;
  try {
    const { store, close } = await open();
    try {
      return await new ServerSessionStorage({ store, clock, sweepInterval: null }).sweep();
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const reason = reasonOf(error.cause, kind);
    throw reason === undefined ? error : new Error(`${error.message}: ${reason}`);
  }
}

/** Why, in words that hold no address, name or password. */
function reasonOf(cause: unknown, kind: SweepSource['kind']): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  // Messages of SQLite name tables only. What comes without a code is about the connection as such, a timeout perhaps.
  if (kind === 'sqlite' || !('code' in cause)) return cause.message;
  return REASONS[String(cause.code)];
}
