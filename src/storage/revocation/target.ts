import { isPlainObject } from '../../lib/json.js';
import { kindOf } from '../../lib/kind-of.js';
import { knownOnly } from '../../lib/known-only.js';
import { isUid } from '../../lib/uid.js';
import type { Guarantee } from '../../ports/revocation-log.js';
import { SessionModel, type SessionRef } from '../../session/session.js';
import { checkSessionRef } from '../../session/session-ref.js';
import { type UserId, uidOf } from '../../session/user.js';

/**
 * What `revoke` ends:
 * - `{ sid }`: the session that the sid opens;
 * - a session, or `{ id, lineage }`: that session, under all its ids;
 * - `{ id, uid }`: the session that has or had this id, if it belongs to this user. Of tokens, only the token with this
 *   id; if it is the session's first id, the whole session;
 * - `{ uid, except? }`: all sessions of a user, except the lineage of `except`;
 * - 'everyone': all sessions.
 */
export type RevokeTarget =
  | { readonly sid: string }
  | SessionRef
  | { readonly id: string; readonly uid: string }
  | { readonly uid: UserId; readonly except?: SessionRef | undefined }
  | 'everyone';

/** Options of `revoke`. */
export interface RevokeOptions {
  /** The reason in the event `ended` and in the log. Default 'revoked'. */
  readonly reason?: string | undefined;
  /**
   * How far the end must have reached when the promise resolves. Default: as far as the log of the RevocationList, or
   * the store, can guarantee.
   */
  readonly wait?: Guarantee | undefined;
}

/** The result of `revoke`. */
export interface RevokeResult {
  /** How many sessions ended, if it is known. A session that was rotating at that moment may count twice. */
  readonly ended?: number;
  /** How far the end has reached. */
  readonly guarantee: Guarantee;
}

/** The longest id or lineage of a session, in characters. */
const LONGEST_NAME = 255;

/** A target that was checked. */
export type JudgedTarget =
  | { readonly kind: 'sid'; readonly sid: string }
  | { readonly kind: 'session'; readonly id: string; readonly lineage: string; readonly uid: string | undefined }
  | { readonly kind: 'listed'; readonly id: string; readonly uid: string }
  | { readonly kind: 'user'; readonly uid: string; readonly exceptLineage: string | undefined }
  | { readonly kind: 'everyone' };

/**
 * Checks the options of `revoke`. `reach`: the guarantees that are possible; `by`: what gives them; `limit`: why there are no
 * others.
 * @throws TypeError that names the invalid option
 */
export function judgeRevokeOptions(
  options: RevokeOptions,
  reach: readonly Guarantee[],
  by: string,
  limit?: string,
): { readonly reason: string; readonly wait: Guarantee | undefined } {
  knownOnly('revoke', options, ['reason', 'wait']);
  const { reason = 'revoked', wait } = options;
  if (typeof reason !== 'string')
    throw new TypeError(`revoke: option reason: expected a string, got ${kindOf(reason)}`);
  if (wait !== undefined && !reach.includes(wait)) {
    throw new TypeError(
      `revoke: option wait: expected ${reach.join(' or ')}, as this ${by} can guarantee no more${limit === undefined ? '' : `: ${limit}`}`,
    );
  }
  return { reason, wait };
}

/**
 * Checks the target of `revoke`. An invalid target is refused, so that a misspelt name never ends more than was
 * intended.
 * @throws TypeError if the target is invalid
 */
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
        if (typeof id === 'string' && isUid(uid)) return { kind: 'listed', id: bounded(id), uid };
        break;
      case 'uid':
      case 'except uid':
        return { kind: 'user', uid: uidOf(uid), exceptLineage: lineageOf(except) };
      default:
        // An entry of `listOfUser` has more properties.
        if (typeof id === 'string' && typeof lineage === 'string') {
          return { kind: 'session', id: bounded(id), lineage: bounded(lineage), uid: isUid(uid) ? uid : undefined };
        }
    }
  }
  throw new TypeError(
    `revoke: expected { sid }, a session, { id, lineage }, { id, uid }, { uid, except? } or 'everyone', got ${shapeOf(given)}`,
  );
}

/** The names too, because a misspelt one is the likeliest mistake; never the values, which may be credentials. */
function shapeOf(given: unknown): string {
  if (!isPlainObject(given)) return kindOf(given);
  const properties = Object.entries(given).map(([name, value]) => `${name}: ${kindOf(value)}`);
  return `{ ${properties.join(', ')} }`;
}

function lineageOf(except: unknown): string | undefined {
  if (except === undefined) return undefined;
  checkSessionRef('revoke: except', except);
  return bounded(except.lineage);
}

/** A name that is longer than any session's matches none, and need not be kept whole. */
function bounded(name: string): string {
  return name.slice(0, LONGEST_NAME + 1);
}
