import type { Guarantee } from '../ports/revocation-log.js';
import type { SessionRef } from '../session/session.js';
import { type UserId, uidOf } from '../session/user.js';

/** What `revoke` ends: the session of a sid; a session; one in a list of a user's; a user's, all but one perhaps; all. */
export type RevokeTarget =
  | { readonly sid: string }
  | SessionRef
  | { readonly id: string; readonly uid: string }
  | { readonly uid: UserId; readonly except?: SessionRef | undefined }
  | 'everyone';

/** How `revoke` is carried out. */
export interface RevokeOptions {
  /** For the event `ended` and the log. Default 'revoked'. */
  readonly reason?: string | undefined;
  /** How far it must have reached when the promise resolves. Default: as far as the RevocationList's log can. */
  readonly wait?: Guarantee | undefined;
}

/** What `revoke` came to. */
export interface RevokeResult {
  /** How many sessions ended, where that can be known. */
  readonly ended?: number;
  /** How far ending has reached by now. */
  readonly guarantee: Guarantee;
}

/** A target that passed judgement. */
export type JudgedTarget =
  | { readonly kind: 'sid'; readonly sid: string }
  | { readonly kind: 'session'; readonly id: string; readonly lineage: string }
  | { readonly kind: 'user'; readonly uid: string; readonly except: readonly string[] }
  | { readonly kind: 'everyone' };

/** @throws TypeError when it names nothing that can be ended */
export function judgeTarget(target: RevokeTarget): JudgedTarget {
  if (target === 'everyone') return { kind: 'everyone' };
  if (typeof target === 'object' && target !== null) {
    if ('sid' in target && typeof target.sid === 'string') return { kind: 'sid', sid: target.sid };
    if ('id' in target && typeof target.id === 'string') {
      // One in a list of a user's sessions: until it is rotated its lineage is its id.
      if (!('lineage' in target)) return { kind: 'session', id: target.id, lineage: target.id };
      if (typeof target.lineage === 'string') return { kind: 'session', id: target.id, lineage: target.lineage };
    }
    if ('uid' in target) return { kind: 'user', uid: uidOf(target.uid), except: exceptOf(target) };
  }
  throw new TypeError("revoke takes { sid }, a session, { id, uid }, { uid, except? } or 'everyone'");
}

function exceptOf(target: object): readonly string[] {
  const except: unknown = 'except' in target ? target.except : undefined;
  if (except === undefined) return [];
  if (typeof except === 'object' && except !== null && 'lineage' in except && typeof except.lineage === 'string') {
    return [except.lineage];
  }
  throw new TypeError('revoke: except must be a session or an entry of a list of sessions');
}
