import { randomBytes } from 'node:crypto';
import { warn } from '../lib/warn.js';
import type { WeaveOptions } from './options.js';

/** Bytes of a random secret: as long as the longest hash that is used (RFC 2104 section 3). */
const SIZE = 64;

/** What is signed with what. */
export interface WeaveSecrets {
  readonly csrfSecret: string | Uint8Array;
  readonly jwtSecret: string | Uint8Array;
}

/** The secrets; random ones of this process for those that were not given, with one warning. */
export function weaveSecrets(given: Pick<WeaveOptions, 'csrfSecret' | 'jwtSecret'>): WeaveSecrets {
  const { csrfSecret, jwtSecret } = given;
  const missing = Object.entries({ csrfSecret, jwtSecret }).filter(([, secret]) => secret === undefined);
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(' and ');
    warn(
      'SESSIONS_RANDOM_SECRET',
      `weaveSessions: ${names} of this process only: what they signed is refused after a restart, and by other processes. Create secrets with npx sessions-jwt secret`,
    );
  }
  return { csrfSecret: csrfSecret ?? randomBytes(SIZE), jwtSecret: jwtSecret ?? randomBytes(SIZE) };
}
