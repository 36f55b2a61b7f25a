import { hash } from 'node:crypto';
import { newId } from '../../lib/id.js';

/** 18 bytes as base64url: every string of this form is the one spelling of its bytes. */
const OPAQUE = /^[A-Za-z0-9_-]{24}$/;

/** A fresh sid: 144 random bits as 24 characters (serversession's length; OWASP ASVS 7.2.3 asks for 128). */
export const newSid: () => string = newId;

/** Whether a store needs to be asked about it at all. */
export function isOpaqueSid(sid: unknown): sid is string {
  return typeof sid === 'string' && OPAQUE.test(sid);
}

/** What a store knows a sid by: its SHA-256 digest, from which nobody gets back to the sid (CVE-2019-16782). */
export function idOf(sid: string): string {
  return hash('sha256', sid, 'base64url');
}
