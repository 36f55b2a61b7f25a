/**
 * `npm test -- --reporter spec` names each test.
 *
 * In CI a test that is left out fails the run; elsewhere one may be, for want of a server, and says so.
 */
module.exports = {
  spec: ['test/**/*.test.ts'],
  require: ['test/support/setup.ts'],
  reporter: 'dot',
  timeout: 10_000,
  forbidOnly: true,
  forbidPending: process.env.CI === 'true',
};
