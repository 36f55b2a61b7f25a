import { config } from 'chai';
import { stopServers } from './servers/needed.js';

// A failed assertion shows whole tokens, headers and claims.
config.truncateThreshold = 0;

// Tests provoke many warnings of this package, and look at those that matter to them.
const show = process.listeners('warning');
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'SessionsWarning') for (const listener of show) listener(warning);
});

export const mochaHooks: Mocha.RootHookObject = {
  async afterAll() {
    await stopServers();
  },
};
