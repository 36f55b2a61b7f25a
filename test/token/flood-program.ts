/** Shows a storage 2,000 tokens of 16 KB three times each, as an anonymous client can, in a process with a small heap. */
import { SessionStorage } from '../../src/index.js';

const storage = new SessionStorage({ jwtSecret: 'f'.repeat(64) });
for (let count = 0; count < 2_000; count += 1) {
  const list = Array.from({ length: 3_800 }, () => ({}));
  const sid = storage.create({ count, list }).forClient();
  for (let times = 0; times < 3; times += 1) storage.get(sid);
}
