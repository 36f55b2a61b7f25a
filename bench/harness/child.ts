import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiled } from '../../test/support/compiled.js';

/** How a process is started. */
export interface ChildOptions {
  readonly args?: readonly string[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node. */
  readonly execArgv?: readonly string[];
  /** The Node that runs it. Default: the one of this process. */
  readonly node?: string;
}

/** A process that answers one message at a time. */
export class Child<Command extends object | string> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the program at `file`. Resolves with it, and with its first message. @throws Error if it ends instead */
  static async start<Command extends object | string>(
    file: URL,
    { args = [], env = {}, execArgv = [], node = process.execPath }: ChildOptions = {},
  ): Promise<readonly [child: Child<Command>, first: unknown]> {
    const child = new Child<Command>(
      // Compiled, because tsx would be in the memory and the CPU time that are measured.
      fork(compiled(fileURLToPath(file)), args, {
        env: { ...process.env, NODE_ENV: 'test', ...env },
        execArgv: [...execArgv],
        execPath: node,
      }),
    );
    return [child, await child.#next()];
  }

  async ask(command: Command): Promise<unknown> {
    const answer = this.#next();
    this.#child.send(command);
    return await answer;
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    if (!this.#child.connected) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }

  async #next(): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const exit = once(this.#child, 'exit', { signal }).then(() => Promise.reject(new Error('a process ended')));
      const [message] = await Promise.race([once(this.#child, 'message', { signal }), exit]);
      return message;
    } finally {
      over.abort();
    }
  }
}
