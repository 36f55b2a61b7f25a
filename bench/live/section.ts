import type { Options } from '../options.js';
import { startBackends } from '../stores/backends.js';
import { closingTable } from './closings.js';
import { liveReport } from './report.js';
import { type LiveEffort, liveTable } from './table.js';

const FULL: LiveEffort = { rounds: 12, warmup: 3, streams: 10_000 };
const QUICK: LiveEffort = { rounds: 4, warmup: 2, streams: 1000 };
const CLOSINGS = 500;
const QUICK_CLOSINGS = 50;

/** Open streams, and how soon they end. */
export async function liveSection({ rounds, isQuick }: Options): Promise<string> {
  const effort = isQuick ? QUICK : FULL;
  const measured = await liveTable({ ...effort, rounds: rounds ?? effort.rounds });
  const backends = await startBackends();
  try {
    return liveReport(measured, await closingTable(isQuick ? QUICK_CLOSINGS : CLOSINGS, backends));
  } finally {
    await backends.stop();
  }
}
