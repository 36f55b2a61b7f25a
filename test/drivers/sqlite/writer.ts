import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Retired, SessionRecord, Store } from '../../../src/ports/store.js';
import { type Changes, parseReport } from './lane.js';
import { childArguments } from './support.js';

/** A process that writes until it is killed, and what it said of it. */
export class Writer {
  readonly #child: ChildProcess;
  /** What was acknowledged, by id. */
  readonly #entries = new Map<string, SessionRecord | Retired | null>();
  /** What was not when it was killed, by lane. */
  readonly #underWay = new Map<string, Changes>();
  readonly #waiting = new Set<{ readonly count: number; readonly go: () => void }>();
  readonly #lanes = new Set<string>();
  #acknowledged = 0;

  constructor(path: string, name: string) {
    const args = childArguments('endlessly', path, name);
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
    const reports = this.#child.stdio[3];
    if (!(reports instanceof Readable)) throw new Error('no pipe');
    createInterface(reports).on('line', (line) => this.#take(line));
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when so many more operations were acknowledged. */
  goesOn(more: number): Promise<void> {
    return new Promise((go) => {
      this.#waiting.add({ count: this.#acknowledged + more, go });
    });
  }

  /** Kills it wherever it is, and waits for its last words. */
  async kill(): Promise<void> {
    if (this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  /** What of it is not as it was acknowledged, nor as what was under way would have left it. */
  async problems(store: Store): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const [lane, changes] of this.#underWay) {
      if (await holds(store, changes)) for (const [id, entry] of changes) this.#entries.set(id, entry);
      else if (!(await holds(store, this.#before(changes)))) problems.push(`${lane}: half of an operation`);
    }
    for (const [id, entry] of this.#entries) {
      if (!(await holds(store, [[id, entry]]))) problems.push(`${id}: what was acknowledged is lost`);
    }
    for (const lane of this.#lanes) {
      const found = (await store.ofUser(lane, 0)).map(({ id }) => id).sort();
      const live = [...this.#entries.values()].filter(
        (entry) => entry !== null && 'uid' in entry && entry.uid === lane,
      );
      const ids = live.map((entry) => entry?.id ?? '').sort();
      if (!isDeepStrictEqual(found, ids)) problems.push(`${lane}: ${found} are found as its sessions, not ${ids}`);
    }
    return problems;
  }

  #before(changes: Changes): Changes {
    return changes.map(([id]) => [id, this.#entries.get(id) ?? null] as const);
  }

  #take(line: string): void {
    const report = parseReport(line);
    if (report === undefined) return;
    const { lane, changes } = report;
    this.#lanes.add(lane);
    if (changes !== undefined) {
      this.#underWay.set(lane, changes);
      return;
    }
    for (const [id, entry] of this.#underWay.get(lane) ?? []) this.#entries.set(id, entry);
    this.#underWay.delete(lane);
    this.#acknowledged += 1;
    for (const waiting of this.#waiting) {
      if (waiting.count > this.#acknowledged) continue;
      this.#waiting.delete(waiting);
      waiting.go();
    }
  }
}

async function holds(store: Store, changes: Changes): Promise<boolean> {
  for (const [id, entry] of changes) {
    if (!isDeepStrictEqual(await store.load(id, 0), entry ?? undefined)) return false;
  }
  return true;
}
