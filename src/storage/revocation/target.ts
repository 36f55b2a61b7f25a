import { isPlainObject } from '../../lib/json.js';
import { kindOf } from '../../lib/kind-of.js';
import { knownOnly } from '../../lib/known-only.js';
import { isUid } from '../../lib/uid.js';
import type { Guarantee } from '../../ports/revocation-log.js';
import { SessionModel, type SessionRef } from '../../session/session.js';
import { checkSessionRef } from '../../session/session-ref.js';
import { type UserId, uidOf } from '../../session/user.js';

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
  /** How far it must have reached when the promise resolves. Default: as far as the RevocationList's log can, or the store. */
  readonly wait?: Guarantee | undefined;
}

/** What `revoke` came to. */
export interface RevokeResult {
  /** How many sessions ended, where that can be known. One that was being rotated at that moment may count twice. */
  readonly ended?: number;
  /** How far ending has reached by now. */
  readonly guarantee: Guarantee;
}

/** A target that passed judgement. */
export type JudgedTarget =
  | { readonly kind: 'sid'; readonly sid: string }
  | { readonly kind: 'session'; readonly id: string; readonly lineage: string; readonly uid: string | undefined }
  | { readonly kind: 'listed'; readonly id: string; readonly uid: string }
  | { readonly kind: 'user'; readonly uid: string; readonly exceptLineage: string | undefined }
  | { readonly kind: 'everyone' };

/**
 * `reach`: the guarantees that can be given; `by`: what gives them.
 * @throws TypeError naming the option that is wrong
 */
export function judgeRevokeOptions(
  options: RevokeOptions,
  reach: readonly Guarantee[],
  by: string,
): { readonly reason: string; readonly wait: Guarantee | undefined } {
  knownOnly('revoke', options, ['reason', 'wait']);
  const { reason = 'revoked', wait } = options;
  if (typeof reason !== 'string')
    throw new TypeError(`revoke: option reason: expected a string, got ${kindOf(reason)}`);
  if (wait !== undefined && !reach.includes(wait)) {
    throw new TypeError(
      `revoke: option wait: expected ${reach.join(', ')}, which are all that this ${by} can guarantee`,
    );
  }
  return { reason, wait };
}

/** @throws TypeError when the target names nothing that can be ended. A wrong name never ends more than was meant. */
export function judgeTarget(target: RevokeTarget): JudgedTarget {
  if (target === 'everyone') return { kind: 'everyone' };
  if (target instanceof SessionModel) {
    return { kind: 'session', id: target.id, lineage: target.lineage, uid: target.uid };
  }
  const given: unknown = target;
  if (isPlainObject(given)) {
    const { sid, id, lineage, uid, except } = given;
    switch (Object.keys(given).sort().join(' ')) {
      case 'sid':
        if (typeof sid === 'string') return { kind: 'sid', sid };
        break;
      case 'id uid':
        if (typeof id === 'string' && isUid(uid)) return { kind: 'listed', id, uid };
        break;
      case 'uid':
      case 'except uid':
        return { kind: 'user', uid: uidOf(uid), exceptLineage: lineageOf(except) };
      default:
        // An entry of a list of sessions has more to it than its names.
        if (typeof id === 'string' && typeof lineage === 'string') {
          return { kind: 'session', id, lineage, uid: isUid(uid) ? uid : undefined };
        }
    }
  }
  throw new TypeError(
    `revoke: expected { sid }, a session, { id, lineage }, { id, uid }, { uid, except? } or 'everyone', got ${kindOf(given)}`,
  );
}

function lineageOf(except: unknown): string | undefined {
  if (except === undefined) return undefined;
  checkSessionRef('revoke: except', except);
  return except.lineage;
}
