import { StoreUnavailable } from '../../errors.js';

/** What Redis quotes of a command that it does not know: keys and values. */
const QUOTED = /, with args beginning with:.*$/s;

/** What may be shown of a client's error: nothing else that hangs on it, such as `command` of ioredis, which has values. */
class RedisFailure extends Error {
  override readonly name: string;
  declare readonly code?: string;

  constructor(name: string, message: string, code: string | undefined) {
    super(message);
    this.name = name;
    if (code !== undefined) this.code = code;
  }
}

/** A failed command as callers of the store see it: without keys and values. */
export function unavailable(error: unknown): StoreUnavailable {
  if (!(error instanceof Error)) return new StoreUnavailable('Redis failed');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // Some of redis have their name as a class only.
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  // Where no address answered, Node gathers what each said in an error without a message.
  const message = error.message === '' ? (code ?? name) : error.message.replace(QUOTED, '');
  return new StoreUnavailable(`Redis failed: ${message}`, new RedisFailure(name, message, code));
}

/** Whether Redis wants the script itself, because it was started again or has forgotten its scripts. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Whether a replica refused a write. Redis 6 puts the code of an error inside a script behind words of its own. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /(^|-)READONLY\b/.test(error.message);
}
