import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CSRF_SECRET } from './console-bench.js';

const MAIN = fileURLToPath(new URL('../../examples/console/main.ts', import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm start` runs, as a process of its own, with none of this process's settings. */
export class ConsoleProgram {
  /** Where it listens, once it does. Rejects with what it said, when it ends before. */
  readonly address: Promise<string>;
  /** Resolves when it is gone. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(env: Readonly<Record<string, string>>) {
    // Node 22 warns that its SQLite is experimental.
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', 'tsx/esm', MAIN], {
      env: { PATH: process.env['PATH'], PORT: '0', CSRF_SECRET, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]) => ({ code, stdout, stderr }),
    );
    const failed = this.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
    this.address = Promise.race([addressIn(child.stdout), failed]);
    this.address.catch(() => undefined);
  }

  /** Sends a signal, and waits until it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    this.#child.kill(signal);
    return await this.ended;
  }
}

async function addressIn(stdout: Readable): Promise<string> {
  let said = '';
  return await new Promise((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (address !== undefined) resolve(address);
    });
  });
}
