import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiled } from '../../test/support/compiled.js';

/** A process that answers one message at a time. */
export class Child<Command extends object | string> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `file` beside this one. Resolves with it, and with its first message. @throws Error if it ends instead */
  static async start<Command extends object | string>(
    file: string,
    args: readonly string[] = [],
  ): Promise<readonly [child: Child<Command>, first: unknown]> {
    const child = new Child<Command>(
      // Compiled, because tsx would be in the memory that is measured.
      fork(compiled(fileURLToPath(new URL(file, import.meta.url))), args, {
        env: { ...process.env, NODE_ENV: 'test' },
        execArgv: ['--expose-gc'],
      }),
    );
    return [child, await child.#next()];
  }

  async ask(command: Command): Promise<unknown> {
    const answer = this.#next();
    this.#child.send(command);
    return await answer;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
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
