import type { NotFoundReason } from '../errors.js';
import { isPlainObject } from '../lib/json.js';
import { dotsOf, hasOnlyBase64url, LONGEST_HEADER, LONGEST_TOKEN } from '../token/compact-form.js';

/** The unverified content of a token, without its signature. */
export interface Decoded {
  readonly header: Readonly<Record<string, unknown>> | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** Why the token could not be decoded further. */
  readonly problem: DecodeProblem | undefined;
}

/** A problem, as the `reason` of an error and as a sentence. */
export interface DecodeProblem {
  readonly reason: NotFoundReason;
  readonly explanation: string;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes as much of a token as possible, without verifying it. */
export function decode(token: string): Decoded {
  const formProblem = problemOfForm(token);
  if (formProblem !== undefined) return { header: undefined, claims: undefined, problem: formProblem };
  const [headerSegment = '', payloadSegment = ''] = token.split('.');
  const header = objectIn(headerSegment, (bytes) => UTF8.decode(bytes));
  // Like the library that verifies: bytes that are not UTF-8 become U+FFFD.
  const claims = objectIn(payloadSegment, (bytes) => bytes.toString('utf8'));
  return { header, claims, problem: problemOfContent(header, claims) };
}

function problemOfForm(token: string): DecodeProblem | undefined {
  if (token === '') return { reason: 'missing', explanation: 'no token was given' };
  if (token.length > LONGEST_TOKEN) {
    return { reason: 'too_large', explanation: `it is longer than ${LONGEST_TOKEN} characters` };
  }
  const parts = token.split('.').length;
  if (parts !== 3)
    return malformed(`it has ${parts === 1 ? '1 part' : `${parts} parts`}; a token has 3, separated by dots`);
  if (token.startsWith('.') || token.includes('..')) return malformed('its header or its payload is empty');
  if (!hasOnlyBase64url(token)) return malformed('it has characters that are not base64url');
  if (dotsOf(token) === undefined) return malformed('a part of it is truncated, or not canonical base64url');
  if (token.indexOf('.') > LONGEST_HEADER) return malformed(`its header is longer than ${LONGEST_HEADER} characters`);
  return undefined;
}

function problemOfContent(header: unknown, claims: unknown): DecodeProblem | undefined {
  if (header === undefined) return malformed('its header is not a JSON object');
  if (claims === undefined) return { reason: 'invalid_claims', explanation: 'its payload is not a JSON object' };
  return undefined;
}

function malformed(explanation: string): DecodeProblem {
  return { reason: 'malformed', explanation };
}

function objectIn(segment: string, textOf: (bytes: Buffer) => string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(textOf(Buffer.from(segment, 'base64url')));
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
