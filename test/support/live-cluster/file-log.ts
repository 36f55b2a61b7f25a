import { appendFile, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { NewRevocation, Revocation, RevocationLog } from '../../../src/index.js';

/** ms between two looks at the file. */
const LOOK = 20;

/** A log of revocations in a file that several processes share, apart from every server. */
export class FileLog implements RevocationLog {
  readonly guarantee = 'log';
  readonly #path: string;

  /** `path`: an existing file. */
  constructor(path: string) {
    this.#path = path;
  }

  async append(entry: NewRevocation): Promise<string> {
    await appendFile(this.#path, `${JSON.stringify(entry)}\n`);
    return '0';
  }

  async *read(after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]> {
    for (let next = Number(after ?? 0); !signal.aborted; await pause(LOOK)) {
      const lines = (await readFile(this.#path, 'utf8')).split('\n').slice(0, -1);
      const fresh = lines.slice(next);
      const start = next + 1;
      next = lines.length;
      yield fresh.map((line, at) => ({ ...JSON.parse(line), seq: String(start + at) }));
    }
  }

  async close(): Promise<void> {}
}
