import fc from 'fast-check';
import { Command, weighted } from '../../support/commands.js';
import { tries } from '../../support/depth.js';
import {
  beginAll,
  choice,
  create,
  end,
  endEveryone,
  endOthers,
  open,
  outside,
  type Plan,
  perform,
  visited,
  write,
} from '../../support/server-session-acts.js';
import { change, local } from '../../support/server-session-changes.js';
import { GRACE, IDLE, RESOLUTION, REUSE } from '../../support/server-session-facts.js';
import { type Act, UIDS, World } from '../../support/server-session-world.js';
import { describeOnStores, type StoreKind } from '../../support/stores.js';

function commandOf(plans: fc.Arbitrary<Plan>): fc.Arbitrary<Command<World>> {
  return plans.map((plan) => new Command<World>((world) => perform(world, plan)));
}

const wait = fc
  .oneof(...[3, RESOLUTION, GRACE, REUSE, IDLE].map((most) => fc.oneof(fc.constant(most), fc.nat({ max: most }))))
  .map((ms) => {
    return new Command<World>(async (world) => {
      world.pass(ms);
      await world.ask([]);
      return `wait ${ms}`;
    });
  });

const put = fc.tuple(choice, local).map(([which, step]) => {
  return new Command<World>(async (world) => {
    const visit = world.visitAt(which);
    return visit === undefined ? 'nothing' : change(world, visit, step);
  });
});

const simultaneous = fc.oneof(
  { weight: 20, arbitrary: visited },
  { weight: 6, arbitrary: write },
  { weight: 2, arbitrary: fc.oneof(open, create) },
  { weight: 4, arbitrary: outside },
  { weight: 3, arbitrary: end },
  { weight: 1, arbitrary: endEveryone },
);

const together = fc
  .record({
    plans: fc.array(simultaneous, { minLength: 2, maxLength: 4 }),
    picks: fc.array(fc.nat({ max: 3 }), { maxLength: 40 }),
    isRace: fc.boolean(),
  })
  .map(({ plans, picks, isRace }) => {
    return new Command<World>(async (world) => {
      const acts: Act[] = [];
      for (const plan of plans) {
        const act = await plan(world);
        // What one request does, it does in order.
        const isTaken = act?.visit !== undefined && acts.some(({ visit }) => visit === act.visit);
        if (act !== undefined && !isTaken) acts.push(act);
      }
      // Where others than this process decide what comes first, they do so every other time.
      const order = isRace && world.kind.isRemote ? undefined : picks;
      await world.ask(acts, order);
      return `${acts.map(({ name }) => name).join(' | ')} (${order ?? 'in any order'})`;
    });
  });

const inTurn = weighted(
  [8, put],
  [4, wait],
  [2, commandOf(create)],
  [9, commandOf(open)],
  [12, commandOf(write)],
  [4, commandOf(outside)],
  [2, commandOf(end)],
  [1, commandOf(fc.oneof({ weight: 4, arbitrary: endOthers }, { weight: 1, arbitrary: endEveryone }))],
);

const atOnce = weighted(
  [10, together],
  [4, put],
  [2, wait],
  [1, commandOf(create)],
  [6, commandOf(open)],
  [4, commandOf(write)],
);

/** ms; a machine that does other things too is slow, and so is making a failure small. */
const TIMEOUT = 600_000;
/** A run takes some 30 ms, and as long again for every store that is not in memory. */
const RUNS: Readonly<Record<StoreKind['name'], number>> = {
  memory: tries({ quick: 30, deep: 75 }),
  SQLite: tries({ quick: 6, deep: 25 }),
  Redis: tries({ quick: 6, deep: 20 }),
  PostgreSQL: tries({ quick: 6, deep: 20 }),
};

describeOnStores('Any sequence of operations on server-side sessions', (openStores, kind) => {
  const numRuns = RUNS[kind.name] * (process.env['SESSIONS_LARGE'] === '1' ? 20 : 1);

  async function check(
    commands: fc.Arbitrary<Command<World>>[],
    maxCommands: number,
    uids: readonly (string | undefined)[],
    most?: number,
  ): Promise<void> {
    const sequences = fc.commands(commands, { maxCommands, size: 'max' });
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const world = new World(await openStores(), kind, most);
        await beginAll(world, uids);
        await fc.asyncModelRun(() => ({ model: {}, real: world }), sequence);
        await world.expectUselessDump();
      }),
      { numRuns },
    );
  }

  it('comes to what a plain model says, in requests that overlap', async function () {
    this.timeout(TIMEOUT);
    await check(inTurn, 80, [...UIDS, undefined]);
  });

  it('comes to that too where users may have two sessions', async function () {
    this.timeout(TIMEOUT);
    await check(inTurn, 80, [UIDS[0], UIDS[0], undefined, undefined], 2);
  });

  it('comes to what some order of them comes to, when they are at the same time (row 68)', async function () {
    this.timeout(TIMEOUT);
    await check(atOnce, 25, [...UIDS, undefined]);
  });
});
