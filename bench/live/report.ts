import { ratio } from '../harness/rounds.js';
import { quantile } from '../harness/statistics.js';
import { goalRows, spread } from '../report-parts.js';
import { table } from '../text-table.js';
import type { Closings } from './closings.js';
import { liveOutcomes } from './goals.js';
import { LIVE_SERVERS } from './live-servers.js';
import type { LiveRounds } from './table.js';

const BARE = 'node:http, write loop';

/** The section on streams, with its goals. */
export function liveReport(measured: LiveRounds, closings: Closings): string {
  const { streams, costs, memory, ends } = measured;
  const rows = Object.keys(LIVE_SERVERS).map((name) => {
    const { rss = Number.NaN, heap = Number.NaN } = memory.get(name) ?? {};
    return [
      name,
      kib(rss),
      kib(heap),
      spread(costs.time.of(name), 0),
      spread(costs.time.paired(name, BARE, ratio), 2),
      costs.cpu.of(name).median.toFixed(0),
      spread(costs.turn.of(name), 1),
      costs.turnCpu.of(name).median.toFixed(1),
    ];
  });
  const head = [
    '',
    'KiB a stream',
    'of it heap',
    'broadcast, ms (middle half)',
    `time / ${BARE}`,
    'its CPU, ms',
    'longest turn, ms (middle half)',
    'most CPU in a turn, ms',
  ];
  return [
    goalRows(liveOutcomes(measured, closings)),
    method(streams, costs.time.count),
    table(head, rows),
    endRows(ends),
    closingRows(closings),
  ].join('\n\n');
}

function method(streams: number, rounds: number): string {
  return `Each server has ${streams} open streams in a process of its own, and five other processes on the same machine are their clients. Ours
has a session of its own for each stream, which comes by cookie, and the defaults but for the heartbeat, which is off everywhere. Memory is what the
last nine tenths of the streams added, after a collection of garbage. A broadcast is one event of about 200 bytes to all streams: ${rounds}
rounds, in which the servers take turns in random order. Its time runs until the last stream has been written to and nothing waits.
"Write loop" is \`response.write\` of one Buffer for each stream in one turn. "Socket loop" writes that Buffer, framed once as a chunk, to the sockets. A turn of the event loop that another process interrupts is longer by that,
so its CPU stands beside it. Both are medians of the longest turn of each round. Neither peer knows of sessions, keeps events for clients that were away, or stops for a slow client.

The end of a stream elsewhere: one process revokes sessions, one after the other, whose streams are open in another process, and is the client
of these streams. The time runs from the call of \`revoke\` until the client has the last event.`;
}

function endRows(ends: LiveRounds['ends']): string {
  const rows = Array.from(ends, ([name, { time, cpu, turn, turnCpu }]) => [
    name,
    ...[time, cpu, turn, turnCpu].map((ms) => ms.toFixed(1)),
  ]);
  return table(
    [
      "from `revoke('everyone')` to the end of the last stream",
      'ms',
      'CPU, ms',
      'longest turn, ms',
      'most CPU in a turn, ms',
    ],
    rows,
  );
}

function closingRows(closings: Closings): string {
  const rows = Array.from(closings, ([bus, times]) => [
    bus,
    String(times.length),
    ...[0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1)),
  ]);
  return table(
    ['from `revoke` to the end of a stream of another instance', 'revocations', 'ms, median', '99 of 100', 'longest'],
    rows,
  );
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
