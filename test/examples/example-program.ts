import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** How a program ended. */
export interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of examples/, as a process of its own on a free port, with none of this process's settings. */
export class ExampleProgram {
  /** Where it listens, once it does. Rejects with what it said, when it ends before. */
  readonly address: Promise<string>;
  /** Resolves when it is gone. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  /** @param args what Node is called with @param folder where it runs; default: here */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, folder?: string) {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], PORT: '0', ...env },
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
