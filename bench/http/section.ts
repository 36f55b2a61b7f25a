import { nodeOf } from '../../tools/node-of.js';
import { run } from '../../tools/run.js';
import type { Options } from '../options.js';
import { goalRows } from '../report-parts.js';
import { startBackends } from '../stores/backends.js';
import { serversNamed } from './frameworks.js';
import { httpOutcomes } from './goals.js';
import { httpMethod } from './method.js';
import { httpTables } from './report.js';
import { type HttpEffort, type HttpRounds, httpTable } from './table.js';

const FULL: HttpEffort = {
  rounds: 8,
  leadIn: 100,
  window: 400,
  warmup: { window: 400, requests: 20_000, flat: 0.03, longest: 12 },
};
const QUICK: HttpEffort = {
  rounds: 2,
  leadIn: 10,
  window: 50,
  warmup: { window: 50, requests: 100, flat: 0.5, longest: 2 },
};

const ON_NODE_26 = /^Express, (?:sessions-jwt(?:, MemoryStore)?|express-session)$/;

/** Every framework, on the Node of this process. */
export async function httpSection(options: Options): Promise<string> {
  const { only = /(?:)/ } = options;
  const { measured, effort } = await measureServers(serversNamed(only), process.execPath, options);
  return [goalRows(httpOutcomes(measured)), httpMethod(effort), httpTables(measured)].join('\n\n');
}

/** Express on the newest Node 26: sessions in tokens and in memory. The clients stay on the Node of this process. */
export async function node26Section(options: Options): Promise<string> {
  const node = nodeOf('26');
  const { measured } = await measureServers(serversNamed(ON_NODE_26), node, options);
  const version = run(node, ['--version']).stdout.trim();
  return [
    `The servers run on Node ${version}, their clients as above. The method is that of the section before.`,
    httpTables(measured),
  ].join('\n\n');
}

async function measureServers(
  groups: readonly (readonly string[])[],
  node: string,
  { rounds, isQuick }: Options,
): Promise<{ readonly measured: HttpRounds; readonly effort: HttpEffort }> {
  if (groups.length === 0) throw new TypeError('no server has a name that matches');
  const plan = isQuick ? QUICK : FULL;
  const effort = { ...plan, rounds: rounds ?? plan.rounds };
  const backends = await startBackends();
  try {
    const env = { REDIS_URL: backends.redisUrl, DATABASE_URL: backends.databaseUrl };
    return { measured: await httpTable(groups, effort, { env, node }), effort };
  } finally {
    await backends.stop();
  }
}
