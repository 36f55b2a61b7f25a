import { GOALS, type Outcome, outcome } from '../goals.js';
import { difference, type Rounds } from '../harness/rounds.js';
import type { Options } from '../options.js';
import { goalRows, spread } from '../report-parts.js';
import { table } from '../text-table.js';
import { bundleSize } from './bundle.js';
import { EMPTY, startRounds } from './starts.js';

const ROUNDS = 21;
const QUICK_ROUNDS = 3;

/** How long imports take, and how large a bundle is. */
export async function importSection({ rounds, isQuick }: Options): Promise<string> {
  const starts = startRounds(rounds ?? (isQuick ? QUICK_ROUNDS : ROUNDS));
  const size = await bundleSize();
  return [
    goalRows(outcomesOf(starts, size)),
    `Each import has a new process. In each of ${starts.count} rounds all of them start once, in random order. What an import takes is the time from the start of its
process to the end, less that of ${EMPTY} in the same round. The table shows medians, with the middle half in parentheses.

The bundle is made by esbuild, tree-shaken and minified. It has a service with sessions in tokens on Express, with what that uses of this package and its dependencies, without
Express.`,
    startTable(starts),
    `Bundle of the Express JWT form: ${size.toFixed(1)} kB.`,
  ].join('\n\n');
}

function outcomesOf(starts: Rounds, size: number): Outcome[] {
  return [
    outcome(GOALS.importIndex, starts.paired('sessions-jwt', EMPTY, difference).median),
    outcome(GOALS.importExpress, starts.paired('sessions-jwt/express', EMPTY, difference).median),
    outcome(GOALS.bundle, size),
  ];
}

function startTable(starts: Rounds): string {
  const rows = starts.names.map((name) => [
    name,
    starts.of(name).median.toFixed(1),
    name === EMPTY ? '' : spread(starts.paired(name, EMPTY, difference), 1),
  ]);
  return table(['', 'process, ms', 'import, ms (middle half)'], rows);
}
