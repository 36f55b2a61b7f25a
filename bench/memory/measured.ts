/**
 * One measurement in a process of its own: `measured.ts <name> <count>`, started with `--expose-gc`. Sends what it measured, and ends.
 *
 * @module
 */
import { cachedTokenBytes } from './cached-tokens.js';
import { requestMemory } from './requests.js';
import { revocationMemory } from './revocations.js';
import { sessionMemory } from './sessions.js';

const MEASURES: Readonly<Record<string, (count: number) => Promise<unknown>>> = {
  sessions: sessionMemory,
  tokens: cachedTokenBytes,
  revocations: revocationMemory,
  requests: requestMemory,
};

const [, , name = '', count] = process.argv;
process.on('disconnect', () => process.exit());
process.send?.(await MEASURES[name]?.(Number(count)));
