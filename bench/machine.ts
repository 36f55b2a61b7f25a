import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { SQLITE } from '../test/support/sqlite.js';
import { table } from './text-table.js';

const PACKAGES = [
  'jsonwebtoken',
  'fast-jwt',
  'jose',
  'express',
  'express-session',
  'cookie-session',
  'iron-session',
  'connect-redis',
  'connect-pg-simple',
  'fastify',
  '@fastify/session',
  '@fastify/secure-session',
  'koa',
  'koa-session',
  'hono',
  '@hono/node-server',
  '@hono/session',
  'better-sse',
  '@fastify/sse',
  'redis',
  'ioredis',
  'pg',
];

/** What it ran on, and what was compared. */
export function machineSection(): string {
  return `${machineTable()}\n\n${packageTable()}`;
}

/** What it ran on. */
function machineTable(): string {
  const [cpu] = cpus();
  return table(
    ['', ''],
    [
      ['CPU', `${cpu?.model.trim()}, ${availableParallelism()} cores`],
      ['memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
      ['load average at the end, 15 minutes', loadavg()[2]?.toFixed(2) ?? ''],
      ['Node', `${process.version} (V8 ${process.versions.v8})`],
      ['SQLite', sqliteLibrary()],
    ],
  );
}

/** What opens the databases of SqliteStore. */
function sqliteLibrary(): string {
  const { name } = SQLITE;
  return name === 'node:sqlite'
    ? `node:sqlite (SQLite ${process.versions['sqlite']})`
    : `${name} ${versionIn(new URL(`../node_modules/${name}/package.json`, import.meta.url))}`;
}

/** What was compared. */
function packageTable(): string {
  const root = new URL('../', import.meta.url);
  return table(
    ['package', 'version'],
    [
      ['sessions-jwt', versionIn(new URL('package.json', root))],
      ...PACKAGES.map((name) => [name, versionIn(new URL(`node_modules/${name}/package.json`, root))]),
    ],
  );
}

function versionIn(manifest: URL): string {
  const { version }: { readonly version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
  return String(version);
}
