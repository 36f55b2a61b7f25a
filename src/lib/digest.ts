import { createHash } from 'node:crypto';

/**
 * The SHA-256 of names, 43 characters of base64url: for keys and topics of a backend. It has the same length for every name, and contains
 * no character that is special to a backend.
 */
export function digestOf(...names: readonly string[]): string {
  return createHash('sha256').update(names.join('\n')).digest('base64url');
}
