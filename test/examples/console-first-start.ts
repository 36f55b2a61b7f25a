import { parentPort, workerData } from 'node:worker_threads';
import { readSecret } from '../../examples/console/secret.js';

/** One of several threads that make their first starts at the same instants, one a path. */
export interface FirstStarts {
  readonly paths: readonly string[];
  readonly threads: number;
  /** How many µs later than the others this one goes, one start more than the last. */
  readonly lag: number;
  /** How many threads have reached each start. */
  readonly arrived: Int32Array;
}

if (parentPort !== null) {
  const { paths, threads, lag, arrived }: FirstStarts = workerData;
  const secrets = paths.map((path, turn) => {
    Atomics.add(arrived, turn, 1);
    while (Atomics.load(arrived, turn) < threads);
    const begin = performance.now() + ((turn % 20) * lag) / 1000;
    while (performance.now() < begin);
    try {
      return readSecret(path);
    } catch (error) {
      // The other thread waits at the next start: this one has to get there.
      return String(error);
    }
  });
  parentPort.postMessage(secrets);
}
