import type { Revocation, RevocationLog } from '../../src/index.js';

/** A log that nobody answers for: it neither acknowledges nor is read, until its reader stops. */
export class SilentLog implements RevocationLog {
  readonly guarantee = 'log';

  append(): Promise<string> {
    return new Promise(() => undefined);
  }

  async *read(_after: string | null, signal: AbortSignal): AsyncIterable<readonly Revocation[]> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield [];
  }

  async close(): Promise<void> {}
}
