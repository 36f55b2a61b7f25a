import { kindOf } from '../lib/kind-of.js';
import { isUid } from '../lib/uid.js';
import type { SessionRef } from './session.js';

/** Whether `value` has the names of a session: a session, an entry of a list, or names that an application kept. */
export function isSessionRef(value: unknown): value is SessionRef {
  const { id, lineage }: { readonly id?: unknown; readonly lineage?: unknown } = Object(value);
  return typeof id === 'string' && typeof lineage === 'string';
}

/** @throws TypeError that begins with `what` unless `value` is a SessionRef */
export function checkSessionRef(what: string, value: unknown): asserts value is SessionRef {
  if (isSessionRef(value)) return;
  throw new TypeError(`${what}: expected a session or { id, lineage }, got ${kindOf(value)}`);
}

/** The same, for calls that also accept `{ id, uid }`. */
export function checkSessionNames(what: string, value: unknown): void {
  const { id, uid }: { readonly id?: unknown; readonly uid?: unknown } = Object(value);
  if (isSessionRef(value) || (typeof id === 'string' && isUid(uid))) return;
  throw new TypeError(`${what}: expected a session, { id, lineage } or { id, uid }, got ${kindOf(value)}`);
}
