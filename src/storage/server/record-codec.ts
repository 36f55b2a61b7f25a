import { DEEPEST, deepFreeze, isPlainObject, nestsDeeperThan } from '../../lib/json.js';
import { isUid } from '../../lib/uid.js';
import type { SessionRecord } from '../../ports/store.js';
import type { DataSchema } from '../../session/data-schema.js';
import { type Bounds, endOf, type Timestamps } from '../../session/expiry.js';
import { isLifetime } from '../../session/lifetime.js';
import type { SessionState } from '../../session/session-state.js';
import type { SessionSnapshot } from '../session-snapshot.js';
import type { AuthKey } from './auth-key.js';
import { isEarlierIds } from './earlier-ids.js';

/** A record's session, with its data in the application's types, and what only the record has. */
export interface RecordFacts<Data, User> extends SessionSnapshot<Data, User> {
  readonly version: number;
  /** Tells sign-ins of one millisecond apart: the later has more. 0 when nobody signed in. */
  readonly order: number;
  /** The ids that the session had before, as `rememberId` writes them. */
  readonly earlier: string;
  /** The id from which a sign-in rotated, until the record is next updated: before that id is retired, nobody holds this one. */
  readonly replaces: string | undefined;
}

/** What a record says that a session does not. */
export type RecordMarks = Pick<RecordFacts<unknown, unknown>, 'version' | 'order' | 'earlier' | 'replaces'>;

/** What a record says whatever its data are. */
export type Glance = Pick<
  RecordFacts<unknown, unknown>,
  'expires' | 'since' | 'info' | 'order' | 'earlier' | 'replaces'
>;

/** The data that go into a record. */
export interface RecordData<Data, User> {
  readonly sessionData: Data & object;
  readonly userData: Partial<User> & object;
}

/** The shortest body that can hold more levels than a session may have: a bracket on either side of each. */
const DEEP_BODY = DEEPEST * 2;

/** Between sessions and the records of a store. */
export class RecordCodec<Data, User> {
  readonly #bounds: Bounds;
  readonly #sessionData: DataSchema<Data>;
  readonly #userData: DataSchema<User>;
  readonly #authKey: AuthKey | undefined;

  constructor(bounds: Bounds, sessionData: DataSchema<Data>, userData: DataSchema<User>, authKey: AuthKey | undefined) {
    this.#bounds = bounds;
    this.#sessionData = sessionData;
    this.#userData = userData;
    this.#authKey = authKey;
  }

  /** @throws Error when the body is none of ours, or the schema refuses the data */
  decode(record: SessionRecord): RecordFacts<Data, User> {
    if (!isSound(record)) throw new TypeError('the record is none of ours');
    const { id, lineage, version, created, lastAccess, lastUpdate } = record;
    const uid = record.uid ?? undefined;
    const { sessionData, userData, since, auth, life, info, order, earlier, replaces } = parse(record.body);
    const { data, migrated } = this.#sessionData.load(sessionData);
    return {
      id,
      lineage,
      uid,
      created,
      lastAccess,
      lastUpdate,
      since,
      authenticatedAt: auth,
      life,
      info,
      sessionData: this.#authKey === undefined ? data : this.#authKey.with(this.#authKey.without(data), uid),
      userData: uid === undefined ? {} : this.#userData.load(userData).data,
      migrated,
      version,
      expires: record.expiresAt ?? Number.POSITIVE_INFINITY,
      order,
      earlier,
      replaces,
    };
  }

  /** Never throws: what a body does not say has a default. */
  glance(record: SessionRecord): Glance {
    const expires = record.expiresAt ?? Number.POSITIVE_INFINITY;
    try {
      const { life, since, info, order, earlier, replaces } = parse(record.body);
      const ends = endOf(this.#bounds, { ...timesOf(record), life });
      return { expires: Math.min(expires, ends), since, info, order, earlier, replaces };
    } catch {
      return { expires, since: record.created, info: undefined, order: 0, earlier: '', replaces: undefined };
    }
  }

  /** The session's data as they are to be written: judged, and of JSON alone. @throws SessionDataInvalid */
  dataOf(
    { sessionData, userData, uid }: SessionState<Data, User>,
    changed?: RecordData<Data, User>,
  ): RecordData<Data, User> {
    const check = (data: Data & object): Data & object => this.#sessionData.check(data);
    // Nobody's data are nobody's, whatever the schema demands of a user's.
    const checkUser = (data: Partial<User> & object): Partial<User> & object =>
      uid === undefined ? {} : this.#userData.check(data);
    return {
      sessionData: changed === undefined ? sessionData.checked(check) : check(changed.sessionData),
      userData: changed === undefined ? userData.checked(checkUser) : checkUser(changed.userData),
    };
  }

  /** The record of a session. */
  encode(snapshot: SessionSnapshot<Data, User>, { version, order, earlier, replaces }: RecordMarks): SessionRecord {
    const { id, lineage, uid = null, created, lastAccess, lastUpdate, userData, expires } = snapshot;
    const { since, authenticatedAt: auth, life, info } = snapshot;
    const sessionData =
      this.#authKey === undefined ? snapshot.sessionData : this.#authKey.without(snapshot.sessionData);
    return {
      id,
      lineage,
      version,
      uid,
      body: JSON.stringify({
        sessionData,
        userData,
        since,
        auth,
        life,
        info,
        order: order || undefined,
        earlier: earlier || undefined,
        replaces,
      }),
      created,
      lastAccess,
      lastUpdate,
      expiresAt: expires === Number.POSITIVE_INFINITY ? null : expires,
    };
  }
}

function timesOf({ created, lastAccess, lastUpdate }: SessionRecord): Timestamps {
  return { created, lastAccess, lastUpdate };
}

/** What a store gives back may have been written by anybody who can write to it. */
function isSound({ lineage, version, uid, created, lastAccess, lastUpdate, expiresAt }: SessionRecord): boolean {
  const times = [created, lastAccess, lastUpdate, expiresAt ?? 0, version];
  const areNumbers = times.every((time) => Number.isSafeInteger(time) && time >= 0);
  return areNumbers && typeof lineage === 'string' && lineage !== '' && (uid === null || isUid(uid));
}

/** An error of JSON.parse quotes the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('the body is no JSON');
  }
}

function parse(text: string) {
  const body = parsed(text);
  if (!isPlainObject(body)) throw new TypeError('the body is no object');
  if (text.length > DEEP_BODY && nestsDeeperThan(DEEPEST + 2, body)) throw new RangeError('the body is too deep');
  const { sessionData, userData, since, auth, life, info, order = 0, earlier = '', replaces } = body;
  if (!isPlainObject(sessionData) || !isPlainObject(userData)) throw new TypeError('the body holds no data');
  if (
    !Number.isSafeInteger(since) ||
    !Number.isSafeInteger(order) ||
    (auth !== undefined && !Number.isSafeInteger(auth))
  ) {
    throw new TypeError('the body holds no times');
  }
  if (life !== undefined && !(isPlainObject(life) && isLifetime(life))) throw new TypeError('the body holds no life');
  if (info !== undefined && !isPlainObject(info)) throw new TypeError('the body holds no info');
  if (!isEarlierIds(earlier)) throw new TypeError('the body holds no earlier ids');
  if (replaces !== undefined && typeof replaces !== 'string') throw new TypeError('the body holds no replaced id');
  return {
    sessionData,
    userData,
    since: Number(since),
    auth: auth === undefined ? undefined : Number(auth),
    life,
    info: info && deepFreeze(info),
    order: Number(order),
    earlier,
    replaces,
  };
}
