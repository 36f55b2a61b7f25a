const { readdirSync } = require('node:fs');
const { availableParallelism } = require('node:os');

/** Files that take long. They come first, so that at the end no process is left alone with one. */
const LONG = [
  'test/browser/console-states.test.ts',
  'test/storage/server/session-commands.test.ts',
  'test/examples/console-program.test.ts',
  'test/adapters/suite.test.ts',
  'test/drivers/postgres/store.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/drivers/redis/store.test.ts',
  'test/storage/server/session-races.test.ts',
  'test/docs/examples.test.ts',
];

const all = readdirSync('test', { recursive: true })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts') && !path.includes('/.'))
  .sort();

/**
 * `npm test -- --reporter spec` names each test; `npm test -- --no-parallel` runs all files in one process.
 *
 * In CI a test that is left out fails the run; elsewhere one may be, for want of a server, and says so.
 */
module.exports = {
  spec: [...new Set([...LONG, ...all])],
  require: ['test/support/setup.ts'],
  reporter: 'dot',
  timeout: 20_000,
  parallel: true,
  // One more than there are processors, because tests wait for servers almost half of the time.
  jobs: 1 + Math.min(3, availableParallelism()),
  forbidOnly: true,
  forbidPending: process.env.CI === 'true',
};
