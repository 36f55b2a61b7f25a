import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';

/** How processes ended in which mocha ran test files. */
const ends: string[] = [];

/**
 * Lets a worker exit in peace when it is told to end. Mocha sends SIGTERM when it takes more than a second to exit, as it may while it
 * writes what was covered: with a listener, that does not interrupt it.
 */
export function exitOnSignal(): void {
  if (process.env['MOCHA_WORKER_ID'] === undefined) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

/** Watches the processes that mocha starts for test files, from the one that starts them. */
export function watchWorkers(): void {
  subscribe('child_process', (message) => {
    const child: ChildProcess = Object(message).process;
    child.once('spawn', () => {
      if (!child.spawnargs.some(isWorker)) return;
      if (process.listenerCount('SIGINT', fail) === 0) process.once('SIGINT', fail);
      child.once('exit', (code, signal) => {
        if (code !== 0) ends.push(`${signal ?? `exit code ${code}`}`);
      });
    });
  });
}

/** Without this, a run that is interrupted may exit with 0. */
function fail(): void {
  process.exitCode = 130;
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
