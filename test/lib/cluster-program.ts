/** Makes what is local to a process in the primary process of a cluster and in a worker, and prints the warnings of both. */
import cluster from 'node:cluster';
import { MemoryStore, RevocationList } from '../../src/index.js';

const codes: unknown[] = [];
process.on('warning', (warning) => codes.push(Reflect.get(warning, 'code')));
for (let times = 0; times < 2; times += 1) {
  new MemoryStore();
  new RevocationList();
}
setImmediate(() => {
  if (!cluster.isPrimary) process.send?.(codes);
  else {
    cluster.fork().on('message', (worker) => {
      process.stdout.write(JSON.stringify({ primary: codes, worker }), () => process.exit());
    });
  }
});
