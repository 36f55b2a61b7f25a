import { randomBytes } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { warnInWorker } from '../../lib/cluster-worker.js';
import { type CsrfSecret, wrongCsrfOption } from './options.js';

/** Bytes of a secret: as long as the hash (RFC 2104 section 3). */
export const SHORTEST_CSRF_SECRET = 32;

/**
 * The secrets as bytes; a random one if none is given.
 * @throws TypeError for one that is no text or bytes, or too short
 */
export function readSecrets(
  option: CsrfSecret | readonly CsrfSecret[] | undefined,
): readonly [Uint8Array, ...Uint8Array[]] {
  if (option === undefined) {
    warnInWorker('a random secret of CSRF tokens', 'set csrf.secret, the same for every process');
    return [randomBytes(SHORTEST_CSRF_SECRET)];
  }
  if (!Array.isArray(option)) return [read(option, ['secret'])];
  const [first, ...others] = option.map((one: unknown, i) => read(one, ['secret', i]));
  if (first === undefined) throw wrongCsrfOption(['secret'], 'must have at least one secret');
  return [first, ...others];
}

function read(secret: unknown, path: readonly PropertyKey[]): Uint8Array {
  if (typeof secret !== 'string' && !isUint8Array(secret)) {
    throw wrongCsrfOption(path, 'must be a string or bytes');
  }
  const bytes = Buffer.from(secret);
  if (bytes.length >= SHORTEST_CSRF_SECRET) return bytes;
  throw wrongCsrfOption(
    path,
    `must have ${SHORTEST_CSRF_SECRET} bytes or more: create one with npx sessions-jwt secret`,
  );
}
