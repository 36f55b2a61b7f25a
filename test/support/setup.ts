import { config } from 'chai';
import { refuseLateDefinitions } from './late-definitions.js';
import { realTimeBegins, realTimeEnds } from './real-time.js';
import { stopServers } from './servers/needed.js';
import { checkWorkers, exitOnSignal, watchWorkers } from './workers.js';

// A failed assertion shows whole tokens, headers and claims.
config.truncateThreshold = 0;

exitOnSignal();

// Tests provoke many warnings of this package, and look at those that matter to them.
const show = process.listeners('warning');
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'SessionsWarning') for (const listener of show) listener(warning);
});

/** A rejection that nobody handles fails the test that is running, unless that listens itself. Mocha would ignore it. */
function fail(reason: unknown): void {
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}

export const mochaHooks: Mocha.RootHookObject = {
  // For each file again, because a worker of mocha's removes all listeners after a file.
  beforeAll() {
    process.on('unhandledRejection', fail);
    realTimeBegins();
  },
  afterAll(this: Mocha.Context) {
    refuseLateDefinitions(this);
    process.off('unhandledRejection', fail);
    realTimeEnds();
  },
};

/** These two run once, in the process that was started; its workers end their servers when they exit. */
export function mochaGlobalSetup(): void {
  watchWorkers();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopServers();
  checkWorkers();
}
