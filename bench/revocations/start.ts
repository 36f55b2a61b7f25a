/**
 * Starts a process with a log that is full: `start.ts <log> <place>`, run with `--expose-gc`. Sends a `Start`, and ends.
 *
 * @module
 */
import { bytesInUse } from '../harness/memory-use.js';
import { storageOver } from './storage.js';

/** What a start takes. */
export interface Start {
  /** s until the log is open and the list has read it. */
  readonly seconds: number;
  /** Bytes that were in use then and not before, after a collection of garbage. */
  readonly bytes: number;
}

const [, , name = '', place = ''] = process.argv;
const before = await bytesInUse();
const start = performance.now();
const { revocations, close } = await storageOver(name, place, 's'.repeat(64));
const seconds = (performance.now() - start) / 1000;
const bytes = (await bytesInUse()) - before;
if (!revocations.health().isFresh) throw new Error('the list is stale');
await close();
process.on('disconnect', () => process.exit());
process.send?.({ seconds, bytes } satisfies Start);
