/**
 * `npm run bench`: measures the built package next to its peers. On Node 24, the line the goals are set for, it writes
 * bench/results.md, and on another major bench/results-node-20.md and the like. `--live` measures streams only, and replaces
 * their section there. `--quick` takes few rounds and only prints.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Measured } from './goals.js';
import { httpTable } from './http/table.js';
import { closingTable } from './live/closings.js';
import { LIVE_TITLE, liveReport } from './live/report.js';
import { liveTable } from './live/table.js';
import { report } from './report.js';
import { startBackends } from './stores/backends.js';
import { storeTable } from './stores/table.js';
import { coldTable, createTable, warmTable } from './token/tables.js';

const isQuick = process.argv.includes('--quick');
const isLiveOnly = process.argv.includes('--live');
const token = isQuick
  ? { rounds: 10, warmup: 6, revocations: 100_000 }
  : { rounds: 80, warmup: 12, revocations: 1_000_000 };
const http = isQuick ? { rounds: 4, warmup: 2, requests: 2000 } : { rounds: 12, warmup: 3, requests: 4000 };
const stores = isQuick ? { rounds: 4, warmup: 2, operations: 2000 } : { rounds: 12, warmup: 3, operations: 4000 };
const streams = isQuick
  ? { rounds: 4, warmup: 2, streams: 1_000, closings: 50 }
  : { rounds: 12, warmup: 3, streams: 10_000, closings: 500 };

const [major] = process.versions.node.split('.');
const file = new URL(major === '24' ? 'results.md' : `results-node-${major}.md`, import.meta.url);

const rest = isLiveOnly ? withoutStreams(readFileSync(file, 'utf8')) : await measureRest();
const text = `${rest}\n\n${await measureStreams()}\n`;

console.log(text);
if (!isQuick) writeFileSync(file, text);

async function measureRest(): Promise<string> {
  const start = performance.now();
  const backends = await startBackends();
  const { redisUrl, databaseUrl } = backends;
  const measured: Measured = {
    warm: await warmTable(token),
    cold: await coldTable(token),
    create: await createTable(token),
    stores: await storeTable(stores, backends),
    http: await httpTable(http, { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl }),
  };
  await backends.stop();
  return report(measured, (performance.now() - start) / 1000);
}

async function measureStreams(): Promise<string> {
  const start = performance.now();
  const measured = await liveTable(streams);
  const backends = await startBackends();
  const closings = await closingTable(streams.closings, backends);
  await backends.stop();
  return liveReport(measured, closings, (performance.now() - start) / 1000);
}

/** The results of a run without their last section. */
function withoutStreams(results: string): string {
  return (results.split(LIVE_TITLE)[0] ?? '').trimEnd();
}
