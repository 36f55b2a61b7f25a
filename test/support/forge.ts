import { constants, createHmac, type KeyObject, sign } from 'node:crypto';
import type { SignedAlgorithm } from './keys.js';

/** What a token is made of; nothing in it needs to be right. */
export interface Forged {
  /** How it is signed, whatever its header says. */
  readonly as: SignedAlgorithm | 'none';
  readonly key?: Buffer | KeyObject;
  /** JSON is made of it; a string is taken as the text, bytes as they are. Default: only `alg`, the real one. */
  readonly header?: unknown;
  /** JSON is made of it; a string is taken as the text, bytes as they are. */
  readonly payload: unknown;
}

/** A compact JWS made with node:crypto alone, so that it can say anything. */
export function forge({ as, key, header = { alg: as }, payload }: Forged): string {
  return signInput(`${segment(header)}.${segment(payload)}`, as, key);
}

/** Appends the signature of `input`, whatever that is. */
export function signInput(input: string, as: SignedAlgorithm | 'none', key?: Buffer | KeyObject): string {
  return `${input}.${signatureOf(input, as, key)}`;
}

/** One segment: base64url of JSON, of a text as it is, or of bytes. */
export function segment(content: unknown): string {
  if (Buffer.isBuffer(content)) return content.toString('base64url');
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url');
}

/** The header and payload of a token as they were written. */
export function parts(token: string): { readonly header: unknown; readonly payload: unknown } {
  const [header = '', payload = ''] = token.split('.');
  return { header: parse(header), payload: parse(payload) };
}

function parse(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}

function signatureOf(input: string, as: SignedAlgorithm | 'none', key: Buffer | KeyObject | undefined): string {
  if (as === 'none') return '';
  if (key === undefined) throw new Error('a signature needs a key');
  const hash = `sha${as.slice(2)}`;
  if (as.startsWith('HS')) return createHmac(hash, key).update(input).digest('base64url');
  if (Buffer.isBuffer(key)) throw new Error('this signature needs a private key');
  return sign(hash, Buffer.from(input), signingInput(as, key)).toString('base64url');
}

function signingInput(as: string, key: KeyObject) {
  if (as.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' as const };
  if (!as.startsWith('PS')) return { key };
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
