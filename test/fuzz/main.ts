/**
 * `npm run fuzz -- [--count N] [--seed N] [--kind NAME] [--path PATH]`: sends hostile headers to every adapter, over tokens and a store, and
 * exits with 1 at the first answer that must not be. It prints the smallest request that gets such an answer.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz, type Outcome } from './fuzz.js';
import { KINDS } from './kinds.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    kind: { type: 'string' },
    path: { type: 'string' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const kinds = Object.entries(KINDS).filter(([name]) => name === (values.kind ?? name));
if (!Number.isSafeInteger(count) || count < 1) throw new TypeError('--count: a whole number above 0');
if (!Number.isInteger(seed) || Math.abs(seed) >= 2 ** 31) throw new TypeError('--seed: a whole number of 32 bits');
if (values.path !== undefined && values.kind === undefined) throw new TypeError('--path: needs the --kind it is of');
if (kinds.length === 0) throw new TypeError(`--kind: ${Object.keys(KINDS).join(', ')}`);

// The package warns of what it sees: that is expected here.
process.removeAllListeners('warning');
console.log(`seed ${seed}, ${count.toLocaleString('en')} examples of each kind, Node ${process.version}`);
for (const [name, examples] of kinds) {
  const start = performance.now();
  const outcome = await fuzz(examples, { count, seed, path: values.path });
  console.log(summary(name, outcome, performance.now() - start));
  if (outcome.violation !== undefined) {
    console.error(`\nVIOLATION, ${name}\n${outcome.violation}`);
    process.exit(1);
  }
}
console.log(`no violation (seed ${seed})`);
process.exit(0);

function summary(name: string, { examples, statuses, letIn }: Outcome, ms: number): string {
  const counts = [...statuses].sort().map(([status, times]) => `${times.toLocaleString('en')} x ${status}`);
  const figures = [`${examples.toLocaleString('en')} examples`, ...counts, `${letIn.toLocaleString('en')} let in`];
  return `${name.padEnd(16)}${figures.join(', ')}, ${Math.round(ms / 1000)} s`;
}
