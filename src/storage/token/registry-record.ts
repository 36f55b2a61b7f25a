import { digestOf } from '../../lib/digest.js';
import { isPlainObject } from '../../lib/json.js';
import { isUid } from '../../lib/uid.js';
import type { SessionRecord } from '../../ports/store.js';
import type { Lifetime, Timestamps } from '../../session/expiry.js';
import { isLifetime } from '../../session/lifetime.js';
import type { LimitedSession } from '../session-limit.js';

/** A session of a user as the registry describes it: the facts of its newest token, without its data. */
export interface Registered extends LimitedSession, Timestamps {
  readonly uid: string;
  /** See `SessionFields.since`. */
  readonly since: number;
  readonly life: Lifetime | undefined;
  readonly info: Readonly<Record<string, unknown>> | undefined;
  /** When its newest token expires: ms timestamp, or `Infinity`. */
  readonly expires: number;
}

/**
 * The id of the record of a lineage. A digest, because the lineage of a token may be any name, and because no sid of a
 * `ServerSessionStorage` leads to it, should both use one store.
 */
export function registryIdOf(lineage: string): string {
  return digestOf('token session', lineage);
}

/** The record that a store gets. */
export function registryRecordOf(session: Registered, version = 0): SessionRecord {
  const { id, lineage, uid, since, order, created, lastAccess, lastUpdate, life, info, expires } = session;
  const digest = registryIdOf(lineage);
  return {
    id: digest,
    lineage: digest,
    version,
    uid,
    body: JSON.stringify({ jti: id, lin: lineage, since, order, life, info }),
    created,
    lastAccess,
    lastUpdate,
    expiresAt: expires === Number.POSITIVE_INFINITY ? null : expires,
  };
}

/** The session of a record; `undefined` if a registry did not write it. */
export function registeredIn(record: SessionRecord): Registered | undefined {
  const { uid, created, lastAccess, lastUpdate, expiresAt } = record;
  const { jti, lin, since, order, life, info } = fieldsOf(record.body);
  if (typeof jti !== 'string' || typeof lin !== 'string' || registryIdOf(lin) !== record.id) return undefined;
  if (typeof since !== 'number' || typeof order !== 'number' || !isUid(uid)) return undefined;
  return {
    id: jti,
    lineage: lin,
    uid,
    since,
    order,
    created,
    lastAccess,
    lastUpdate,
    life: isPlainObject(life) && isLifetime(life) ? life : undefined,
    info: isPlainObject(info) ? info : undefined,
    expires: expiresAt ?? Number.POSITIVE_INFINITY,
  };
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(body);
    return isPlainObject(fields) ? fields : {};
  } catch {
    return {};
  }
}
