import { config } from 'chai';
import { stopServers } from './servers/needed.js';

// A failed assertion shows whole tokens, headers and claims.
config.truncateThreshold = 0;

export const mochaHooks: Mocha.RootHookObject = {
  async afterAll() {
    await stopServers();
  },
};
