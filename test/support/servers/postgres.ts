import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';
import { needed } from './needed.js';
import { findProgram, ServerProcess, temporaryFolder } from './program.js';

/** Where Linux distributions keep what they do not put on the PATH, one folder for each major version. */
const INSTALLED = '/usr/lib/postgresql';

/** How to reach a throwaway PostgreSQL; what `pg` takes. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface PostgresServer {
  readonly address: PostgresAddress;
  readonly process: ServerProcess;
}

type Needed = (context: Mocha.Context) => Promise<PostgresServer>;

/** ms that a hook may take which starts a server on a machine that has much else to do. */
const PATIENCE = 60_000;

/** One for all tests that do not crash it. It never waits for the disk. */
export const postgres: Needed = patiently(needed(() => startPostgres('off')));

/** One that keeps what it acknowledged, for a test that crashes it. */
export function durablePostgres(): Needed {
  return patiently(needed(() => startPostgres('on')));
}

function patiently(start: Needed): Needed {
  return (context) => {
    context.timeout(PATIENCE);
    return start(context);
  };
}

/** Starts one, unless what it takes is not installed: then it says so. */
export async function startPostgres(
  fsync: 'on' | 'off',
): Promise<{ readonly server: PostgresServer; readonly stop: () => Promise<void> } | string> {
  const folders = installed();
  const initdb = findProgram('initdb', folders);
  const file = findProgram('postgres', folders);
  if (initdb === undefined || file === undefined) {
    return 'the PostgreSQL store: there are no initdb and postgres on this machine';
  }
  const owner = unprivileged();
  const folder = temporaryFolder();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const layout = ['--auth=trust', '--username=tester', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(initdb, [...layout, `--pgdata=${data}`], { stdio: 'pipe', cwd: folder, ...owner });

  const address = { host: '127.0.0.1', port: await freePort(), user: 'tester', database: 'postgres' };
  const settings = {
    port: address.port,
    listen_addresses: address.host,
    unix_socket_directories: '',
    fsync,
    synchronous_commit: fsync,
    full_page_writes: fsync,
    max_connections: 200,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const process = await ServerProcess.start({ file, args, answers: () => asked(address), owner });
  // Any other end than the immediate one waits for clients or for the disk.
  return { server: { address, process }, stop: () => process.stop('SIGQUIT') };
}

async function asked(address: PostgresAddress): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  await client.end();
}

/** The folders of programs, that of the newest version first. */
function installed(): readonly string[] {
  try {
    const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(INSTALLED, version, 'bin'));
  } catch {
    return [];
  }
}

/** Whom it can run as: PostgreSQL refuses to be root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {}
  }
  return undefined;
}

function idOf(option: string, name: string): number {
  return Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: 'pipe' }));
}
