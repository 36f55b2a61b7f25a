/**
 * `npm run test:majors`: every test on the newest Node 24, the core on the newest Node 22 and 26, and the oldest Node
 * supported loads the built package. Each Node comes from the npm package `node`, and stays in node_modules/.cache.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { asRecord, conclude, isMain, readJson } from './common.js';
import { nodeOf } from './node-of.js';
import { run } from './run.js';

/** The range of the npm package `node` that runs every test. The machine's own Node is another: `npm test`. */
const EVERYTHING = '24';

/** The ranges that run the core only: sessions, tokens, storages, HTTP with Express and Fastify, and SqliteStore, whose driver is Node's. */
const CORE = ['22', '26'];

const CORE_TESTS = [
  'test/{lib,session,token,storage,http}/**/*.test.ts',
  'test/adapters/{express,fastify,koa}*.test.ts',
  'test/drivers/sqlite/store.test.ts',
];

/** Without `--no-config`, mocha would run the files of its configuration too. */
const CORE_ARGUMENTS = [
  '--no-config',
  '--require',
  'test/support/setup.ts',
  '--timeout',
  '20000',
  '--parallel',
  '--jobs',
  String(1 + Math.min(3, availableParallelism())),
  '--forbid-only',
  ...(process.env['CI'] === 'true' ? ['--forbid-pending'] : []),
  ...CORE_TESTS,
];

/** The lowest Node that `engines` allows: it must be able to `import` and `require` the package. */
const OLDEST = '20.19.0';

/** Loads every built entry of the package at `root` with `import` and `require`. Returns the failures. */
export function loadEntries(node: string, root: string): string[] {
  const manifest = readJson(join(root, 'package.json'));
  const problems: string[] = [];
  for (const entry of Object.keys(asRecord(manifest['exports']))) {
    const specifier = entry.replace('.', String(manifest['name']));
    const ways = [['commonjs', `require('${specifier}')`]];
    if (!entry.endsWith('.json')) ways.push(['module', `await import('${specifier}')`]);
    for (const [type, code = ''] of ways) {
      const outcome = run(node, [`--input-type=${type}`, '-e', code], { cwd: root });
      if (outcome.code !== 0 || outcome.stderr !== '') problems.push(`${code}: ${outcome.stderr}`);
    }
  }
  return problems;
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  const problems: string[] = [];

  const test = (range: string, what: string, args: readonly string[]): void => {
    const node = nodeOf(range);
    const version = run(node, ['--version']).stdout.trim();
    console.log(`Node ${version}: ${what}`);
    const mocha = ['--import', 'tsx/esm', 'node_modules/mocha/bin/mocha.js', '--reporter', 'dot', ...args];
    if (run(node, mocha, { cwd: root, show: true }).code !== 0) problems.push(`Node ${version}: tests failed`);
  };
  test(EVERYTHING, 'every test', []);
  for (const range of CORE) test(range, 'the core', CORE_ARGUMENTS);

  const oldest = nodeOf(OLDEST);
  console.log(`Node ${run(oldest, ['--version']).stdout.trim()}: import and require of each entry`);
  problems.push(...loadEntries(oldest, root));
  conclude(
    problems,
    `every test passes on Node ${EVERYTHING}, the core on ${CORE.join(' and ')}; every entry loads on ${OLDEST}`,
  );
}
