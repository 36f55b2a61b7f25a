/** Bundles a program for each entry of the installed package with esbuild, as an ES module and as CommonJS, and runs it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { startPostgres } from '../test/support/servers/postgres.js';
import { startRedis } from '../test/support/servers/redis.js';
import { guestbook, programs } from './bundle-programs.js';
import { LARGEST_CLIENT, sizeOf } from './client-size.js';
import { run } from './run.js';
import type { Steps } from './steps.js';

/** Packages with a binary file cannot be bundled. */
const NATIVE = ['libsql', 'better-sqlite3'];

/** The servers of some programs, and what stops them. */
interface Servers {
  readonly env: Readonly<Record<string, string>>;
  readonly missing: ReadonlySet<string>;
  readonly stop: () => Promise<void>;
}

/** `folder`: where the package and its `peers` are installed. `entries`: what can be imported from it. */
export async function checkBundles(
  steps: Steps,
  folder: string,
  entries: readonly string[],
  peers: readonly string[],
): Promise<void> {
  for (const entry of entries)
    if (!programs.some((program) => program.entry === entry)) steps.problems.push(`no program to bundle uses ${entry}`);
  const size = await sizeOf(join(folder, 'node_modules/sessions-jwt/dist/client/index.js'));
  console.log(`- sessions-jwt/client: ${size} bytes, minified and compressed`);
  if (size > LARGEST_CLIENT) steps.problems.push(`sessions-jwt/client has more than ${LARGEST_CLIENT} bytes: ${size}`);
  for (const [path, text] of Object.entries(guestbook)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const servers = await startServers(steps);
  try {
    for (const { entry, text } of programs.filter((program) => !servers.missing.has(program.entry))) {
      for (const format of ['esm', 'cjs'] as const) {
        const bundle = await bundled(folder, entry, text, format, format === 'esm' ? peers : NATIVE);
        const outcome = run(process.execPath, [bundle], { cwd: folder, env: servers.env });
        steps.expect(`${entry} in a bundle of esbuild, format ${format},`, outcome, 'u1');
      }
    }
  } finally {
    await servers.stop();
  }
}

async function bundled(
  folder: string,
  entry: string,
  contents: string,
  format: 'esm' | 'cjs',
  external: readonly string[],
): Promise<string> {
  const name = entry.replace('/', '-');
  const outfile = join(folder, 'bundles', `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const stdin = { contents, resolveDir: folder };
  await build({ stdin, bundle: true, platform: 'node', format, external: [...external], outfile, logLevel: 'error' });
  return outfile;
}

/** Without a server, its program is left out; in CI, that is a problem. */
async function startServers(steps: Steps): Promise<Servers> {
  const env: Record<string, string> = { NODE_NO_WARNINGS: '1' };
  const missing = new Set<string>();
  const stops: (() => Promise<void>)[] = [];
  const leaveOut = (entry: string, why: string): void => {
    missing.add(entry);
    console.log(`*** NOT TESTED: ${why} ***`);
    if (process.env['CI'] === 'true') steps.problems.push(why);
  };
  const redis = await startRedis();
  if (typeof redis === 'string') leaveOut('sessions-jwt/redis', redis);
  else {
    env['REDIS_URL'] = `redis://127.0.0.1:${redis.server.port}`;
    stops.push(redis.stop);
  }
  const postgres = await startPostgres('off');
  if (typeof postgres === 'string') leaveOut('sessions-jwt/postgres', postgres);
  else {
    const { user, host, port, database } = postgres.server.address;
    env['DATABASE_URL'] = `postgres://${user}@${host}:${port}/${database}`;
    stops.push(postgres.stop);
  }
  const stop = async (): Promise<void> => void (await Promise.all(stops.map((one) => one())));
  return { env, missing, stop };
}
