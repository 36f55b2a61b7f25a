import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from '../../../src/drivers/lmdb/lmdb.js';
import type { SessionRecord } from '../../../src/ports/store.js';
import { temporaryFolder } from '../../support/servers/program.js';

/** The program that tests run as other processes, with `process.execArgv`. */
export const CHILD: string = fileURLToPath(new URL('./child.ts', import.meta.url));

const folder = temporaryFolder();
let paths = 0;

/** A path at which there is nothing yet. */
export function newPath(): string {
  paths += 1;
  return join(folder, `database-${paths}`);
}

export function record(id: string, fields: Partial<SessionRecord> = {}): SessionRecord {
  const times = { created: 1_000, lastAccess: 1_000, lastUpdate: 1_000, expiresAt: 2_000 };
  return { id, lineage: `lineage-of-${id}`, version: 0, uid: 'ann', body: '{}', ...times, ...fields };
}

/** What is in a database, as lmdb has it. */
export interface Contents {
  /** By id. */
  readonly sessions: ReadonlyMap<string, string>;
  /** `uid NUL id` each. */
  readonly users: readonly string[];
  /** 11 digits of base 36 and the id each. */
  readonly expiry: readonly string[];
}

function rawly(path: string): ReturnType<typeof open> {
  return open({ path, noSubdir: false, maxDbs: 3, permissionsMode: 0o600, eventTurnBatching: false });
}

/** Looks into a database that no store of this process has open. */
export async function contentsOf(path: string): Promise<Contents> {
  const root = rawly(path);
  const rows = root.openDB({ name: 'sessions', encoding: 'string' });
  const users = root.openDB({ name: 'users', encoding: 'string', keyEncoding: 'binary' });
  const expiry = root.openDB({ name: 'expiry', encoding: 'string' });
  const contents = {
    sessions: new Map([...rows.getKeys({})].map((id) => [id, rows.get(id) ?? ''])),
    users: [...users.getKeys({})].map((key) => key.toString()),
    expiry: [...expiry.getKeys({})],
  };
  await root.close();
  return contents;
}

/** Puts `text` where the row of a session should be. */
export async function damage(path: string, id: string, text: string): Promise<void> {
  const root = rawly(path);
  const rows = root.openDB({ name: 'sessions', encoding: 'string' });
  await root.transaction(() => rows.putSync(id, text));
  await root.close();
}

/** What an expiry index must hold for these rows: one entry for each that expires, no later than that. */
export function misfiled({ sessions, users, expiry }: Contents): readonly string[] {
  const problems: string[] = [];
  const filed = new Set(expiry);
  const indexed = new Set(users);
  for (const [id, text] of sessions) {
    const { at, uid, expiresAt } = headOf(text);
    if ((at === null) !== (expiresAt === null)) problems.push(`${id} expires at ${expiresAt}, filed at ${at}`);
    if (at !== null && expiresAt !== null && at > expiresAt) problems.push(`${id} is filed too late`);
    if (at !== null && !filed.delete(`${at.toString(36).padStart(11, '0')}${id}`)) problems.push(`${id} is not filed`);
    if (uid !== null && !indexed.delete(`${uid}\0${id}`)) problems.push(`${id} is not its user's`);
  }
  for (const key of filed) problems.push(`${key} is filed for nothing`);
  for (const key of indexed) problems.push(`${key} is a user's for nothing`);
  return problems;
}

interface Head {
  readonly at: number | null;
  readonly uid: string | null;
  readonly expiresAt: number | null;
}

function headOf(text: string): Head {
  const end = text.indexOf('\n');
  if (end === -1) {
    const { filed, expiresAt }: { filed: number; expiresAt: number } = JSON.parse(text);
    return { at: filed, uid: null, expiresAt };
  }
  const [at, , , uid, , , , expiresAt]: [number | null, string, number, string | null, number, number, number, number] =
    JSON.parse(text.slice(0, end));
  return { at, uid, expiresAt };
}
