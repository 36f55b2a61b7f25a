import { type Measured, outcomesOf } from './goals.js';
import { difference, type Rounds, ratio } from './harness/rounds.js';
import type { Spread } from './harness/statistics.js';
import { FRAMEWORKS } from './http/frameworks.js';
import { BARE, BARE_AGAIN, type HttpRounds, MEMORY_STORE } from './http/table.js';
import { machineTable, packageTable } from './machine.js';
import { methodText } from './method.js';
import { goalRows, spread } from './report-parts.js';
import type { StoreRounds } from './stores/table.js';
import { table } from './text-table.js';
import { BARE_SIGN, BARE_VERIFY, FAST_JWT_CACHED } from './token/peers.js';

/** The whole of results.md. */
export function report(measured: Measured, seconds: number): string {
  const { warm, cold, create, stores, http } = measured;
  return [
    '# Benchmark results',
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, in ${Math.round(seconds)} s.`,
    '## Goals',
    goalRows(outcomesOf(measured)),
    '## Machine and versions',
    machineTable(),
    packageTable(),
    '## Method',
    methodText(),
    `## A token seen before (${warm.count} rounds)`,
    tokenTable(warm, BARE_VERIFY, FAST_JWT_CACHED),
    `## A token never seen before (${cold.count} rounds)`,
    tokenTable(cold, BARE_VERIFY),
    `## A token for a new session (${create.count} rounds)`,
    tokenTable(create, BARE_SIGN),
    `## Sessions in stores, 64 requests under way at a time (${stores.look.count} rounds)`,
    storeRows(stores),
    `## Live sessions by cookie over HTTP (${http.cpu.count} rounds)`,
    ...FRAMEWORKS.flatMap(({ title, bare, servers }) => [
      `### ${title}`,
      httpRows(http, [...Object.keys(servers), ...(bare === BARE ? [BARE_AGAIN] : [])], bare),
    ]),
  ].join('\n\n');
}

function tokenTable(rounds: Rounds, base: string, other?: string): string {
  const rows = rounds.names.map((name) => [
    name,
    rounds.of(name).median.toFixed(0),
    spread(rounds.paired(name, base, ratio), 3),
    times(rounds.paired(base, name, ratio)),
    ...(other === undefined ? [] : [times(rounds.paired(other, name, ratio))]),
  ]);
  const last = other === undefined ? [] : [`times as fast as ${other}`];
  return table(['', 'ns', `time / ${base} (middle half)`, `times as fast as ${base}`, ...last], rows);
}

function storeRows({ look, change, sent }: StoreRounds): string {
  const rows = look.names.map((name) => {
    const counted = sent.get(name);
    const perRequest = counted === undefined ? ['', ''] : [counted.look.toFixed(2), counted.change.toFixed(2)];
    const rate = (rounds: Rounds): string => (1e6 / rounds.of(name).median).toFixed(0);
    return [name, rate(look), rate(change), ...perRequest];
  });
  return table(['', 'unchanged, a second', 'changed, a second', 'commands unchanged', 'commands changed'], rows);
}

function httpRows({ throughput, cpu }: HttpRounds, names: readonly string[], bare: string): string {
  const rows = names.map((name) => [
    name,
    throughput.of(name).median.toFixed(0),
    spread(throughput.paired(name, bare, ratio), 2),
    cpu.of(name).median.toFixed(1),
    spread(cpu.paired(name, bare, difference), 1),
    ...(bare === BARE ? [cpu.aboveBase(name, MEMORY_STORE, BARE).median.toFixed(2)] : []),
  ]);
  const head = ['', 'requests/s', 'share of bare (middle half)', 'CPU µs a request', 'above bare (middle half)'];
  return table([...head, ...(bare === BARE ? [`of what ${MEMORY_STORE} adds`] : [])], rows);
}

function times({ median }: Spread): string {
  return `${median.toFixed(1)}x`;
}
