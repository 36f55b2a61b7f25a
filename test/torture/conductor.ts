import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../support/servers/program.js';
import type { Backend } from './backend.js';
import { check, type Verdict } from './check.js';
import { Crew } from './crew.js';
import { historyOf } from './history.js';
import { openStore } from './open-store.js';
import type { Random } from './random.js';

/** The course of one torture, and what came out. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Violations as sentences, each with the history of its session. */
  readonly accounts: readonly string[];
  readonly processes: number;
  readonly kills: number;
  readonly pauses: number;
  readonly faults: number;
}

const PATIENT = 60_000;
const MOST_ACCOUNTS = 10;

/** Tortures a store for so many ms, and then checks it. */
export async function torture(backend: Backend, duration: number, random: Random): Promise<Outcome> {
  const folder = temporaryFolder();
  const crew = new Crew(backend, folder, random);
  const leave = (): void => crew.destroy();
  process.once('exit', leave);
  try {
    const faults = await rage(backend, crew, performance.now() + duration, random);
    await crew.end();
    await delay(backend.settling);
    const open = await openStore(backend.address(random), PATIENT);
    const verdict = await check(folder, backend, open.store);
    await open.close();
    const accounts = [...crew.crashes, ...accountsOf(folder, verdict)];
    for (const name of ['acknowledged', 'opened', 'read'] as const) {
      if (verdict.counts[name] === 0) accounts.push(`nothing was ${name}: the torture has shown nothing`);
    }
    return { verdict, accounts, processes: crew.started, kills: crew.kills, pauses: crew.pauses, faults };
  } finally {
    leave();
    process.off('exit', leave);
  }
}

/** Does to the processes and to the server whatever can happen to them, until `end`; returns how often to the server. */
async function rage(backend: Backend, crew: Crew, end: number, random: Random): Promise<number> {
  const running = new Set<Promise<unknown>>();
  let faults = 0;
  while (performance.now() < end) {
    await crew.ready();
    await delay(random.between(100, 900));
    backend.sample();
    const fault = random.isLikely(0.15) ? random.of(backend.faults) : undefined;
    if (fault !== undefined) {
      faults += 1;
      await fault.run(random);
    } else if (random.isLikely(0.7)) {
      crew.kill();
    } else {
      const goOn = crew.pause();
      const pausing = delay(20 + random.next() ** 4 * 2_500).then(goOn);
      running.add(pausing);
      pausing.finally(() => running.delete(pausing));
    }
  }
  await Promise.all(running);
  return faults;
}

function accountsOf(folder: string, { violations }: Verdict): readonly string[] {
  const accounts = violations.map(({ about, text }) => (about === '' ? text : `${about}: ${text}`));
  const detailed = accounts.slice(0, MOST_ACCOUNTS).map((account, at) => {
    const history = historyOf(folder, violations[at]?.about ?? '');
    return [account, ...history.map((line) => `    ${line}`)].join('\n');
  });
  return [...detailed, ...accounts.slice(MOST_ACCOUNTS)];
}
