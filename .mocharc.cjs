const { availableParallelism } = require('node:os');

/**
 * `npm test -- --reporter spec` names each test; `npm test -- --no-parallel` runs all files in one process.
 *
 * In CI a test that is left out fails the run; elsewhere one may be, for want of a server, and says so.
 */
module.exports = {
  spec: ['test/**/*.test.ts'],
  require: ['test/support/setup.ts'],
  reporter: 'dot',
  timeout: 10_000,
  // Tests wait for servers and other processes almost half of the time.
  parallel: true,
  jobs: 1 + Math.min(3, availableParallelism()),
  forbidOnly: true,
  forbidPending: process.env.CI === 'true',
};
