import { SessionStorage } from '../../src/index.js';
import type { JwtAlgorithm } from '../../src/token/algorithm.js';
import { Codec } from '../../src/token/codec.js';
import { Keyring, type Secret } from '../../src/token/keyring.js';

export const NOW = 1_700_000_000_000;

/** The least that a session token must say, and whatever else. An `undefined` leaves a claim out. */
export function claims(others: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { jti: 'the-session', created: NOW, luat: NOW, lmat: NOW, ...others };
}

export function codecOf(algorithm: JwtAlgorithm, ...secrets: readonly Secret[]): Codec {
  return new Codec(algorithm, algorithm === 'none' ? undefined : new Keyring(algorithm, secrets));
}

/** Builds a storage from options that the compiler would refuse, as plain JavaScript can. */
export function untypedStorage(options: unknown): SessionStorage {
  const made: unknown = Reflect.construct(SessionStorage, [options]);
  if (made instanceof SessionStorage) return made;
  throw new Error('no SessionStorage');
}

/** Builds a keyring of anything at all. */
export function untypedKeyring(algorithm: unknown, secrets: readonly unknown[]): Keyring {
  const made: unknown = Reflect.construct(Keyring, [algorithm, secrets]);
  if (made instanceof Keyring) return made;
  throw new Error('no Keyring');
}

/** The process warnings of this package while `action` runs and until the next turn. */
export async function warningsDuring(action: () => unknown): Promise<readonly { code: string; message: string }[]> {
  const warnings: { code: string; message: string }[] = [];
  const listener = (warning: Error): void => {
    const code: unknown = Reflect.get(warning, 'code');
    if (warning.name === 'SessionsWarning' && typeof code === 'string') {
      warnings.push({ code, message: warning.message });
    }
  };
  process.on('warning', listener);
  try {
    await action();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', listener);
  }
  return warnings;
}
