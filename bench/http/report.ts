import { difference, type Rounds, ratio } from '../harness/rounds.js';
import { spread } from '../report-parts.js';
import { table } from '../text-table.js';
import { FRAMEWORKS, type Framework } from './frameworks.js';
import { KINDS, type Kind } from './messages.js';
import type { KindRounds } from './samples.js';
import type { HttpRounds } from './table.js';

const TITLES: Readonly<Record<Kind, string>> = { look: 'unchanged', change: 'one key changed' };

/** The tables of the servers that were measured: two for each framework. */
export function httpTables(measured: HttpRounds): string {
  const { names } = measured.look.cpu;
  const tables = FRAMEWORKS.filter(({ bare }) => names.includes(bare)).flatMap((framework) =>
    KINDS.flatMap((kind) => [`### ${framework.title}, ${TITLES[kind]}`, kindTable(framework, measured[kind])]),
  );
  return [...tables, ...restlessNote(measured.restless)].join('\n\n');
}

function kindTable({ bare, servers, peers }: Framework, { rate, user, cpu }: KindRounds): string {
  const names = Object.keys(servers).filter((name) => cpu.names.includes(name));
  const rows = names.map((name) => [
    name,
    rate.of(name).median.toFixed(0),
    user.of(name).median.toFixed(1),
    cpu.of(name).median.toFixed(1),
    spread(cpu.paired(name, bare, difference), 1),
    spread(cpu.paired(bare, name, ratio), 2),
    ...besidePeer(name, peers[name], bare, { user, cpu }),
  ]);
  return table(
    [
      '',
      'requests/s',
      'user CPU, µs',
      'CPU, µs a request',
      'above bare (middle half)',
      'bare / this (middle half)',
      'added user CPU / what its peer adds',
      'added CPU / what its peer adds (middle half)',
      'its peer',
    ],
    rows,
  );
}

function besidePeer(
  name: string,
  peer: string | undefined,
  bare: string,
  { user, cpu }: { readonly user: Rounds; readonly cpu: Rounds },
): string[] {
  if (peer === undefined || !cpu.names.includes(peer)) return ['', '', ''];
  return [
    user.aboveBase(name, peer, bare).median.toFixed(2),
    spread(cpu.aboveBase(name, peer, bare), 2),
    peer.split(', ').slice(1).join(', '),
  ];
}

/** Figures that may still have been falling. */
function restlessNote(restless: readonly string[]): string[] {
  if (restless.length === 0) return [];
  return [`Not flat when the first round began:\n\n${restless.map((name) => `- ${name}`).join('\n')}`];
}
