import { setImmediate as nextTurn } from 'node:timers/promises';

/** The memory of this process after a collection of garbage, for which it must be started with `--expose-gc`. */
export async function collectedMemory(): Promise<NodeJS.MemoryUsage> {
  if (globalThis.gc === undefined) throw new Error('not started with --expose-gc');
  // What one collection frees may hold on to more until the next turn: finalizers, closed sockets.
  for (let run = 0; run < 3; run += 1) {
    globalThis.gc();
    await nextTurn();
  }
  return process.memoryUsage();
}

/** Bytes that the values of this process take: those of the heap, and those that its objects have outside it. */
export async function bytesInUse(): Promise<number> {
  const { heapUsed, external } = await collectedMemory();
  return heapUsed + external;
}
