import { isPlainObject } from '../lib/json.js';
import { familyOf, type JwtAlgorithm } from '../token/algorithm.js';
import { importKey, type Jwk } from '../token/key-import.js';
import type { Keyring } from '../token/keyring.js';
import { identityKeys } from './keys.js';
import type { IdentityAlgorithm } from './options.js';

const SHORTEST_AGE = 60_000;
const LONGEST_AGE = 24 * 60 * 60 * 1000;
const DEFAULT_AGE = 10 * 60 * 1000;
/** Bytes of a document that are read. */
const LONGEST_DOCUMENT = 65_536;
/** A token without a `kid` is checked with each key. */
const MOST_KEYS = 20;

/** A key set that was received. */
export interface FetchedKeys {
  readonly keyring: Keyring;
  /** How long it may be used, in ms. */
  readonly maxAge: number;
}

interface FetchSettings {
  readonly jwtAlgorithm: IdentityAlgorithm;
  readonly deadline: number;
}

/**
 * Fetches a JWK Set, and imports the keys that fit the algorithm. Ignores other keys (RFC 7517 section 5), and private ones, which
 * everyone knows once they are published.
 * @throws Error if the response does not arrive in time, is a redirect, is too long, or has no such key
 */
export async function fetchKeySet(url: URL, { jwtAlgorithm, deadline }: FetchSettings): Promise<FetchedKeys> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(deadline),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the response has status ${response.status}`);
  }
  const keys = keysIn(await textOf(response)).filter((jwk) => fits(jwk, jwtAlgorithm));
  if (keys.length === 0) throw new Error(`the document has no public key for ${jwtAlgorithm}`);
  if (keys.length > MOST_KEYS) throw new Error(`the document has more than ${MOST_KEYS} keys for ${jwtAlgorithm}`);
  return { keyring: identityKeys(jwtAlgorithm, keys, 'jwks'), maxAge: maxAgeOf(response.headers) };
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LONGEST_DOCUMENT) throw new Error(`the document is longer than ${LONGEST_DOCUMENT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function keysIn(text: string): readonly unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error('the document is not JSON');
  }
  if (!isPlainObject(document) || !Array.isArray(document['keys'])) throw new Error('the document has no list of keys');
  return document['keys'];
}

function fits(jwk: unknown, algorithm: JwtAlgorithm): jwk is Jwk {
  const kty = familyOf(algorithm) === 'ec' ? 'EC' : 'RSA';
  if (!isPlainObject(jwk) || jwk['kty'] !== kty || 'd' in jwk) return false;
  return isImportable({ ...jwk, kty }, algorithm);
}

function isImportable(jwk: Jwk, algorithm: JwtAlgorithm): boolean {
  try {
    importKey(jwk, algorithm, 'jwks');
    return true;
  } catch {
    return false;
  }
}

/** RFC 9111 section 5.2.2.1, within bounds. */
function maxAgeOf(headers: Headers): number {
  const [, seconds] = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(headers.get('cache-control') ?? '') ?? [];
  const age = seconds === undefined ? DEFAULT_AGE : Number(seconds) * 1000;
  return Math.min(Math.max(age, SHORTEST_AGE), LONGEST_AGE);
}
