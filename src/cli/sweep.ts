import { StoreUnavailable } from '../errors.js';
import { ServerSessionStorage } from '../storage/server/server-session-storage.js';
import { type Command, type CommandIo, OK, UsageError } from './command.js';
import { type OptionNames, readOptions } from './options.js';
import { DATABASE_VARIABLE, type SweepSource, sourceOf } from './sweep-source.js';

const OPTIONS: OptionNames = { flags: ['json', 'redis'], values: ['sqlite', 'database-env', 'table'] };

/** What the codes of PostgreSQL mean. Its own messages contain addresses and names, and are not shown. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address: is the server running?',
  ENOTFOUND: 'its host name is unknown',
  '28P01': 'wrong password',
  '28000': 'the role may not log in',
  '3D000': 'the database does not exist',
  '42501': 'the role lacks a privilege on the table',
};

/** Removes expired sessions from a store, once. */
export const sweep: Command = {
  name: 'sweep',
  synopsis: 'sweep [options]',
  summary: 'remove expired sessions from a store, once',
  help: `Removes the expired sessions of a store, and prints how many it removed. For
schedulers such as cron. A running application also removes expired sessions every
few minutes; both may run at the same time.

Which store:
  --sqlite <file>           the database file of a SqliteStore. Run this on the
                            machine, and as the user, of the application
  the environment variable ${DATABASE_VARIABLE}, without --sqlite and --redis:
                            the URL of a PostgresStore's database. A URL may contain
                            a password, so it is not a command-line option
  --database-env <name>     another environment variable
  --table <name>            the table in SQLite or PostgreSQL; default sessions
  --redis                   does nothing: Redis removes expired sessions by itself.
                            The application's own sweeper removes what
                            revoke('everyone') left

  --json                    print one JSON object instead of text

SQLite is opened with node:sqlite (Node 22.13 or newer) or with the application's
package libsql or better-sqlite3; PostgreSQL with the application's package pg.
exit code: 0 done, even if nothing had expired; 1 failed; 2 wrong usage
`,
  async run({ args, env, stdout, clock }) {
    const options = readOptions(args, OPTIONS);
    if (options.positionals.length > 0) {
      // The message does not repeat the argument: it may be a URL with a password.
      throw new UsageError(`sweep takes no arguments: put the URL of the database into ${DATABASE_VARIABLE}`);
    }
    const source = sourceOf(options, env);
    const removed = await sweepOnce(source, clock);
    if (options.flags.has('json')) stdout.write(`${JSON.stringify({ store: source.kind, removed })}\n`);
    else if (source.kind === 'redis') stdout.write('Redis removes expired sessions by itself: nothing to do\n');
    else stdout.write(`removed ${removed} expired ${removed === 1 ? 'session' : 'sessions'}\n`);
    return OK;
  },
};

/** Returns the number of sessions that were removed. */
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

/** Why it failed, without an address, a name or a password. */
function reasonOf(cause: unknown, kind: SweepSource['kind']): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  // Messages of SQLite name tables only. Errors without a code are about the connection, such as a timeout.
  if (kind === 'sqlite' || !('code' in cause)) return cause.message;
  return REASONS[String(cause.code)];
}
