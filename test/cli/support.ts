import { dispatch } from '../../src/cli/dispatch.js';
import { SessionStorage, type SessionStorageOptions } from '../../src/index.js';

export const NOW = 1_700_000_000_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Long enough for HS512. */
export const SECRET = 'a secret for tests, long enough for the hash of HS512, 64 bytes or more';

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test may say of the world; by default no secret, nothing on standard input, and the time NOW. */
export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Iterable<Uint8Array | string>;
  readonly now?: number | (() => number);
}

/** The environment with the secret where it is looked for. */
export const WITH_SECRET: World = { env: { SESSION_SECRET: SECRET } };

/** Runs the program in this process. */
export async function cli(args: readonly string[], { env = {}, stdin = [], now = NOW }: World = {}): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await dispatch({
    args,
    env,
    stdin: chunksOf(stdin),
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    clock: { now: typeof now === 'number' ? () => now : now },
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** A storage at the time NOW. */
export function storage(options: SessionStorageOptions<object, object> = {}): SessionStorage<object, object> {
  return new SessionStorage<object, object>({ jwtSecret: SECRET, clock: { now: () => NOW }, ...options });
}

/** The JSON report of `inspect`. */
export function reportOf({ stdout }: Outcome): Record<string, unknown> {
  const report: unknown = JSON.parse(stdout);
  if (typeof report !== 'object' || report === null) throw new Error('not a JSON object');
  return { ...report };
}

/** A token of any header and payload texts, with a signature that fits nothing. */
export function compact(header: string, payload: string): string {
  return `${base64url(header)}.${base64url(payload)}.${base64url('no signature')}`;
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

async function* chunksOf(chunks: Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array | string> {
  yield* chunks;
}
