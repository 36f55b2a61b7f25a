import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pg from 'pg';
import { PostgresStore } from '../../src/drivers/postgres/index.js';
import { SqliteStore } from '../../src/drivers/sqlite/index.js';
import { ServerSessionStorage, SessionStorage, type Store } from '../../src/index.js';
import { compiled } from '../support/compiled.js';
import { postgres } from '../support/servers/postgres.js';
import { temporaryFolder } from '../support/servers/program.js';
import { openDatabase } from '../support/sqlite.js';
import { SECRET } from './support.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Runs the program as a process of its own. */
async function run(
  args: readonly string[],
  { env = {}, input = '' }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  // Node 22 warns that its SQLite is experimental.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', compiled(MAIN), ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const texts = Promise.all([child.stdout.setEncoding('utf8').toArray(), child.stderr.setEncoding('utf8').toArray()]);
  child.stdin.on('error', () => undefined).end(input);
  const [code]: unknown[] = await once(child, 'close');
  const [stdout, stderr] = await texts;
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

describe('the program sessions-jwt', function () {
  // Each test starts a process or two, perhaps on a busy machine.
  this.timeout(20_000);

  it('makes a secret that signs a token, and verifies the token with it', async () => {
    const made = await run(['secret']);
    expect(made).to.deep.include({ code: 0, stderr: '' });
    const sid = new SessionStorage({ jwtSecret: made.stdout.trimEnd() }).create({ cart: [] }).forClient();
    const env = { SESSION_SECRET: made.stdout.trimEnd() };
    const shown = await run(['inspect', '-'], { env, input: `${sid}\n` });
    expect(shown).to.deep.include({ code: 0, stderr: '' });
    expect(shown.stdout).to.include('{"cart":[]}').and.include('\nverified: ');
  });

  it('ends with 1 for a token that is not good, without a stack', async () => {
    const { code, stdout, stderr } = await run(['inspect', 'a.b.c'], { env: { SESSION_SECRET: SECRET } });
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    expect(stdout).to.match(/^not verified: .* \(malformed\)\n$/);
  });

  it('ends with 2 when it is called wrongly', async () => {
    const { code, stdout, stderr } = await run(['inspect', '-', '--secret', SECRET]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.include('--secret is refused').and.not.include(SECRET);
  });

  it('warns of a short secret without showing it', async () => {
    const { code, stderr } = await run(['inspect', 'a.b.c'], { env: { SESSION_SECRET: 'hunter2' } });
    expect(code).to.equal(1);
    expect(stderr).to.include('SESSIONS_SHORT_SECRET').and.not.include('hunter2');
  });

  describe('sweeps a store that an application has open, and ends:', () => {
    async function sweptBeside(store: Store, args: readonly string[], env: Record<string, string>): Promise<void> {
      let now = Date.now();
      const storage = new ServerSessionStorage({ store, clock: { now: () => now }, sweepInterval: null });
      now -= 400 * 86_400_000;
      for (let count = 0; count < 3; count += 1) await storage.create();
      now = Date.now();
      const sid = (await storage.create()).forClient();
      const outcome = await run(['sweep', ...args], { env });
      expect(outcome).to.deep.equal({ code: 0, stdout: 'removed 3 expired sessions\n', stderr: '' });
      expect(await storage.sweep()).to.equal(0);
      expect((await storage.get(sid)).isEnded).to.equal(false);
    }

    it('a SqliteStore', async () => {
      const path = join(temporaryFolder(), 'sessions.sqlite');
      const database = openDatabase(path);
      try {
        const store = new SqliteStore({ database });
        await store.migrate();
        await sweptBeside(store, ['--sqlite', path], {});
      } finally {
        database.close();
      }
    });

    it('a PostgresStore', async function () {
      const { address } = await postgres(this);
      const pool = new pg.Pool(address);
      try {
        const store = new PostgresStore({ pool, table: 'swept_beside' });
        await store.migrate();
        const { user, host, port, database } = address;
        const env = { DATABASE_URL: `postgres://${user}@${host}:${port}/${database}` };
        await sweptBeside(store, ['--table', 'swept_beside'], env);
      } finally {
        await pool.end();
      }
    });
  });

  it('ends quietly when nobody reads its output', async () => {
    const child = spawn(process.execPath, [compiled(MAIN), 'secret'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const stderr = child.stderr.setEncoding('utf8').toArray();
    const [code]: unknown[] = await once(child, 'close');
    expect({ code, stderr: await stderr }).to.deep.equal({ code: 0, stderr: [] });
  });
});
