import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.js';
import type { CrowdCommand } from './crowd-program.js';
import { endWithUs } from './servers/guard.js';

const PROGRAM = fileURLToPath(new URL('crowd-program.ts', import.meta.url));

/** Many clients of streams, in a process of their own. */
export class Crowd {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Crowd> {
    const child = fork(compiled(PROGRAM), { execArgv: [] });
    endWithUs(child);
    await once(child, 'message');
    return new Crowd(child);
  }

  /** Resolves when it is done. @throws Error with the first thing that went wrong */
  async do(command: CrowdCommand): Promise<void> {
    const answer = once(this.#child, 'message');
    this.#child.send(command);
    const [message] = await answer;
    const { problem }: { readonly problem?: unknown } = Object(message);
    if (problem !== undefined) throw new Error(String(problem));
  }

  /** All clients leave. */
  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
