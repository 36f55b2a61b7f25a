import { RevocationList } from '../../src/index.js';
import { SilentLog } from './silent-log.js';

// A program that has a list and nothing else to do: it ends by itself.
const list = new RevocationList({ log: new SilentLog(), bound: 100 });
process.stdout.write(String(list.health().isFresh));
