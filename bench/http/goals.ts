import { GOALS, type Goal, type Outcome, outcome } from '../goals.js';
import { difference, ratio } from '../harness/rounds.js';
import { BARE } from './express.js';
import { FRAMEWORKS } from './frameworks.js';
import type { Kind } from './messages.js';
import type { HttpRounds } from './table.js';

const OURS = 'Express, sessions-jwt';

/** What a server adds to the bare one of its framework, as share of what the peer adds. */
const BESIDE_PEERS: readonly (readonly [goal: Goal, own: string, kind: Kind])[] = [
  [GOALS.expressBesidePeer, OURS, 'look'],
  [GOALS.expressMemory, `${OURS}, MemoryStore`, 'look'],
  [GOALS.expressMemoryChanged, `${OURS}, MemoryStore`, 'change'],
  [GOALS.expressRedis, `${OURS}, RedisStore`, 'look'],
  [GOALS.expressRedisChanged, `${OURS}, RedisStore`, 'change'],
  [GOALS.expressPostgres, `${OURS}, PostgresStore`, 'look'],
  [GOALS.expressPostgresChanged, `${OURS}, PostgresStore`, 'change'],
];

/** Ours in another framework. */
const BESIDE_EXPRESS: readonly (readonly [goal: Goal, framework: string])[] = [
  [GOALS.honoBesideExpress, 'Hono'],
  [GOALS.koaBesideExpress, 'Koa'],
  [GOALS.fetchBesideExpress, 'fetch'],
];

/** The goals whose servers were all measured. */
export function httpOutcomes(measured: HttpRounds): Outcome[] {
  const { cpu } = measured.look;
  const whenMeasured = (names: readonly string[], take: () => readonly Outcome[]): readonly Outcome[] =>
    names.every((name) => cpu.names.includes(name)) ? take() : [];
  return [
    ...whenMeasured([OURS], () => [
      outcome(GOALS.expressAdds, cpu.paired(OURS, BARE, difference).median),
      outcome(GOALS.expressBesideBare, cpu.paired(BARE, OURS, ratio).median),
    ]),
    ...BESIDE_PEERS.flatMap(([goal, own, kind]) => {
      const peer = FRAMEWORKS.find(({ peers }) => own in peers)?.peers[own] ?? '';
      return whenMeasured([own, peer], () => [outcome(goal, measured[kind].cpu.aboveBase(own, peer, BARE).median)]);
    }),
    ...whenMeasured(['Fastify, sessions-jwt'], () => [
      outcome(GOALS.fastifyBesideBare, cpu.paired('Fastify, bare', 'Fastify, sessions-jwt', ratio).median),
    ]),
    ...BESIDE_EXPRESS.flatMap(([goal, framework]) => {
      const own = `${framework}, sessions-jwt`;
      return whenMeasured([own, OURS], () => [
        outcome(goal, cpu.aboveBase(own, OURS, `${framework}, bare`, BARE).median),
      ]);
    }),
  ];
}
