import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

/** How processes ended in which mocha ran test files. */
const ends: string[] = [];

/** Watches the processes that mocha starts for test files, from the one that starts them. */
export function watchWorkers(): void {
  subscribe('child_process', (message) => {
    const child: ChildProcess = Object(message).process;
    child.once('exit', (code, signal) => {
      if (code !== 0 && child.spawnargs.some(isWorker)) ends.push(`${signal ?? `exit code ${code}`}`);
    });
  });
}

/**
 * For the end of the run. Mocha reports a worker that dies in a file, and says nothing of one that dies after its last file.
 * @throws Error if a worker died
 */
export function checkWorkers(): void {
  if (ends.length > 0) throw new Error(`a process that ran tests died: ${ends.join(', ')}`);
}

function isWorker(argument: string): boolean {
  return argument.endsWith('/mocha/lib/nodejs/worker.cjs');
}
