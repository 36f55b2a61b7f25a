import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithUs } from './guard.js';

const PATIENCE = 30_000;

/** What is left to do when the process exits, the newest first: servers end before their folders go. */
const atExit: (() => void)[] = [];

process.once('exit', () => {
  for (const leave of atExit.reverse()) leave();
});

/** A server of the machine's, started for the tests in a folder of its own, and gone after them. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Resolves when it can be asked, rejects when it cannot yet. */
  readonly answers: () => Promise<void>;
  /** Whom it runs as, where root will not do. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** The full path of a program, looked for along PATH and then in `folders`. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...path, ...folders].map((folder) => join(folder, name)).find(isExecutable);
}

/** A new empty folder whose path begins with `prefix`, removed with all in it when the process exits. */
export function temporaryFolder(prefix: string = join(tmpdir(), 'sessions-jwt-')): string {
  const folder = mkdtempSync(prefix);
  atExit.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A running server, which can be killed, paused and started again on the same port with the same data. */
export class ServerProcess {
  readonly #program: Program;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(program: Program) {
    this.#program = program;
    atExit.push(() => this.#child?.kill('SIGKILL'));
  }

  /** @throws Error with what it said, when it does not answer */
  static async start(program: Program): Promise<ServerProcess> {
    const server = new ServerProcess(program);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const { file, args, answers, owner } = this.#program;
    const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...owner });
    this.#child = child;
    endWithUs(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-4000);
      });
    }
    const start = Date.now();
    for (;;) {
      try {
        return await answers();
      } catch (error) {
        if (child.exitCode !== null || Date.now() - start > PATIENCE) {
          throw new Error(`${file} does not answer: ${this.#said}`, { cause: error });
        }
      }
      await delay(20);
    }
  }

  /** Sends a signal: SIGKILL for a crash, SIGSTOP and SIGCONT for a hang. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it at once with `signal`, and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGKILL') child.kill('SIGCONT');
    await gone;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
