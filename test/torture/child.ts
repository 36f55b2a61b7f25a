/**
 * What the torture runs as other processes: `child.js <assignment as JSON>`. It ends at SIGTERM, or when the process that started it is gone.
 *
 * @module
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/errors.js';
import { CONTENDED, Contended } from './contended.js';
import { Journal } from './journal.js';
import { Lane } from './lane.js';
import { type Address, type OpenStore, openStore } from './open-store.js';
import { Random } from './random.js';
import { Reader } from './reader.js';
import { Rotor } from './rotor.js';
import { contendedStep, type Source, step } from './write-steps.js';

export type Role = 'writer' | 'opener' | 'visitor' | 'reader' | 'sweeper';

/** What a child is to do. */
export interface Assignment {
  readonly role: Role;
  /** No other child has it. */
  readonly name: string;
  readonly seed: string;
  readonly address: Address;
  /** Where the journals are. */
  readonly folder: string;
}

const LANES = 6;
const PAUSE = 20;
const BATCH = 200;

const assignment: Assignment = JSON.parse(process.argv[2] ?? '');
const { role, name, address, folder } = assignment;
const random = new Random(assignment.seed);
const journal = new Journal(join(folder, name));
let isStopped = false;
let lanes = 0;

function newLane(): Lane {
  lanes += 1;
  return new Lane(`${name}-${lanes}`, random);
}

/** Runs `work` until the end, on a store that stays open. */
async function opened(work: (open: OpenStore) => Promise<unknown>): Promise<void> {
  const open = await openStore(address);
  journal.write({ line: 'opened', count: 1 });
  await work(open);
  await open.close();
}

/** Runs `work` again and again; a store that is unavailable is counted. */
async function endlessly(work: () => Promise<unknown>): Promise<void> {
  while (!isStopped) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      journal.write({ line: 'unavailable', count: 1 });
      await delay(PAUSE);
    }
  }
}

const WORKS: Readonly<Record<Role, () => Promise<void>>> = {
  /** Several users at once, one whose session rotates, and the sessions that all writers share. */
  writer: () =>
    opened(async ({ store }) => {
      const write = async (start: () => Source): Promise<void> => {
        let source = start();
        await endlessly(async () => {
          if (source.isOver) source = start();
          await step(store, journal, source);
        });
      };
      let rotors = 0;
      const newRotor = (): Rotor => {
        rotors += 1;
        return new Rotor(`${name}-rotor-${rotors}`);
      };
      const share = (uid: string): Promise<void> => {
        const contended = new Contended(uid, random);
        return endlessly(() => contendedStep(store, journal, contended));
      };
      const users = Array.from({ length: LANES }, () => write(newLane));
      await Promise.all([...users, write(newRotor), ...CONTENDED.map(share)]);
    }),

  /** Opens the store, looks, writes perhaps, and closes it, again and again. */
  opener: async () => {
    let lane = newLane();
    await endlessly(async () => {
      await opened(async ({ store }) => {
        await store.load(`${CONTENDED[0]}-0`, Date.now());
        if (lane.isOver) lane = newLane();
        if (random.isLikely(0.5)) await step(store, journal, lane);
      });
      await delay(PAUSE / 2);
    });
  },

  /** The same once, as a whole process. */
  visitor: async () => {
    const lane = newLane();
    try {
      await opened(async ({ store }) => {
        await store.load(`${CONTENDED[0]}-0`, Date.now());
        for (let left = random.between(0, 3); left > 0 && !lane.isOver; left -= 1) await step(store, journal, lane);
      });
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      journal.write({ line: 'unavailable', count: 1 });
    }
  },

  reader: () =>
    opened(async ({ store }) => {
      const reader = new Reader(store, journal, folder, random);
      await endlessly(async () => {
        await reader.read();
        journal.write({ line: 'read', count: 1 });
        await delay(PAUSE / 4);
      });
    }),

  sweeper: () =>
    opened(({ store }) =>
      endlessly(async () => {
        const swept = await store.sweep(Date.now(), BATCH);
        if (swept.length > 0) journal.write({ line: 'swept', ids: swept.map(({ id }) => id) });
        if (swept.length < BATCH) await delay(PAUSE * 5);
      }),
    ),
};

process.once('SIGTERM', () => {
  isStopped = true;
});
process.stdin.once('close', () => process.exit(1)).resume();

await WORKS[role]();
process.exit(0);
