import { hash } from 'node:crypto';
import { newId } from '../../lib/id.js';

/** 18 bytes in base64url. They have no second spelling. */
const OPAQUE = /^[A-Za-z0-9_-]{24}$/;

/** Returns a new sid: 144 random bits in 24 characters (as in serversession; OWASP ASVS 7.2.3 requires 128). */
export const newSid: () => string = newId;

/** Whether a sid is well-formed. The store is not asked about any other. */
export function isOpaqueSid(sid: unknown): sid is string {
  return typeof sid === 'string' && OPAQUE.test(sid);
}

/** The id of a sid in the store: its SHA-256 digest, so that the store's content reveals no sid (CVE-2019-16782). */
export function idOf(sid: string): string {
  return hash('sha256', sid, 'base64url');
}
