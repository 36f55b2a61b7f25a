import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from './backend.js';
import type { Assignment, Role } from './child.js';
import type { Random } from './random.js';

/** The processes at any time. */
const ROLES: readonly Role[] = [
  ...(['writer', 'writer', 'writer'] as const),
  ...(['opener', 'visitor'] as const),
  ...(['reader', 'sweeper'] as const),
];
const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
/** ms that a process may take to end when it is asked to. */
const PATIENCE = 20_000;
/** ms between two visitors, so that the writers get on. */
const PAUSE = 150;
/** ms between two looks at who has begun, and how many of them. */
const LOOK = 25;
const MOST_LOOKS = 200;
const LONGEST_SAID = 4_000;

interface Member {
  readonly name: string;
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  isKilled: boolean;
  isPaused: boolean;
}

/** The processes of one torture; each that ends is replaced. */
export class Crew {
  kills = 0;
  pauses = 0;
  started = 0;
  /** How processes ended that nobody had killed. */
  readonly crashes: string[] = [];
  readonly #backend: Backend;
  readonly #folder: string;
  readonly #random: Random;
  readonly #members: (Member | undefined)[];
  #isOver = false;

  constructor(backend: Backend, folder: string, random: Random) {
    this.#backend = backend;
    this.#folder = folder;
    this.#random = random;
    this.#members = ROLES.map((_, slot) => this.#start(slot));
  }

  /** Resolves when most of them have begun to work, however slow the machine is, or after a while. */
  async ready(): Promise<void> {
    for (let left = MOST_LOOKS; left > 0; left -= 1) {
      const running = this.#running();
      if (running.filter((one) => this.#hasBegun(one)).length > running.length / 2) return;
      await delay(LOOK);
    }
  }

  /** Kills one of them wherever it is: most often where it has begun to work. */
  kill(): void {
    const isAny = this.#random.isLikely(0.2);
    const member = this.#random.of(this.#running().filter((one) => isAny || this.#hasBegun(one)));
    if (member === undefined) return;
    this.kills += 1;
    member.isKilled = true;
    member.child.kill('SIGKILL');
  }

  /** Stops one of them wherever it is; returns what lets it go on. */
  pause(): () => void {
    const member = this.#random.of(this.#running().filter((one) => !one.isPaused && this.#hasBegun(one)));
    if (member === undefined) return () => {};
    this.pauses += 1;
    member.isPaused = true;
    member.child.kill('SIGSTOP');
    return () => {
      member.isPaused = false;
      member.child.kill('SIGCONT');
    };
  }

  /** Ends all: half of them at once, and the others when they have done what they began. */
  async end(): Promise<void> {
    this.#isOver = true;
    const members = this.#running();
    for (const [at, member] of members.entries()) {
      if (at % 2 === 0) {
        this.kills += 1;
        member.isKilled = true;
        member.child.kill('SIGKILL');
      } else {
        member.child.kill('SIGCONT');
        member.child.kill('SIGTERM');
      }
    }
    const late = setTimeout(() => {
      for (const { name, child, isKilled } of members) {
        if (isKilled || child.exitCode !== null || child.signalCode !== null) continue;
        this.crashes.push(`${name} did not end in ${PATIENCE} ms`);
        child.kill('SIGKILL');
      }
    }, PATIENCE);
    await Promise.all(members.map(({ gone }) => gone));
    clearTimeout(late);
  }

  /** Ends all at once, also when the process exits. */
  destroy(): void {
    this.#isOver = true;
    for (const { child } of this.#running()) child.kill('SIGKILL');
  }

  #hasBegun({ name }: Member): boolean {
    return (statSync(join(this.#folder, name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  #running(): readonly Member[] {
    const members = this.#members.filter((member) => member !== undefined);
    return members.filter(({ child, isKilled }) => !isKilled && child.exitCode === null && child.signalCode === null);
  }

  #start(slot: number): Member {
    const role = ROLES[slot] ?? 'writer';
    this.started += 1;
    const name = `${role}-${this.started}`;
    const seed = String(this.#random.next());
    const address = this.#backend.address(this.#random);
    const assignment: Assignment = { role, name, seed, address, folder: this.#folder };
    const args = ['--no-warnings', CHILD, JSON.stringify(assignment)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-LONGEST_SAID);
    });
    // It is killed while it is written to.
    child.stdin.on('error', () => {});
    const member: Member = { name, child, gone: once(child, 'close'), isKilled: false, isPaused: false };
    child.once('close', (code, signal) => {
      // One that has just begun does not listen to SIGTERM yet.
      const isDone = this.#isOver ? code === 0 || signal === 'SIGTERM' : code === 0 && role === 'visitor';
      const isExpected = member.isKilled || isDone;
      if (!isExpected) this.crashes.push(`${name} ended with ${signal ?? `code ${code}`}: ${said.trim()}`);
      const replace = (): void => {
        if (!this.#isOver) this.#members[slot] = this.#start(slot);
      };
      if (role === 'visitor') setTimeout(replace, PAUSE);
      else replace();
    });
    return member;
  }
}
