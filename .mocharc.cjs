const { readdirSync } = require('node:fs');
const { availableParallelism } = require('node:os');

/** Files that take long. They come first, so that at the end no process is left alone with one. */
const LONG = [
  'test/drivers/redis/revocation-log.test.ts',
  'test/drivers/redis/acl.test.ts',
  'test/browser/console.test.ts',
  'test/browser/console-states.test.ts',
  'test/revocation-logs/processes.test.ts',
  'test/drivers/postgres/revocation-log.test.ts',
  'test/browser/console-processes.test.ts',
  'test/browser/console-outage.test.ts',
  'test/revocation-logs/races.test.ts',
  'test/drivers/postgres/revocation-log-outage.test.ts',
  'test/drivers/redis/revocation-log-outage.test.ts',
  'test/drivers/redis/revocation-log-lost.test.ts',
  'test/drivers/redis/store.test.ts',
  'test/drivers/postgres/store.test.ts',
  'test/examples/console-program.test.ts',
  'test/adapters/suite.test.ts',
  'test/revocation-logs/outages.test.ts',
  'test/live/many-streams.test.ts',
  'test/drivers/redis/bus-outage.test.ts',
  'test/drivers/redis/revocation-log-removal.test.ts',
  'test/storage/server/session-commands.test.ts',
  'test/drivers/postgres/bus-outage.test.ts',
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
