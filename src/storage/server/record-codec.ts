import { SessionDataInvalid } from '../../errors.js';
import { DEEPEST, deepFreeze, isPlainObject, nestsDeeperThan } from '../../lib/json.js';
import { isUid } from '../../lib/uid.js';
import type { SessionRecord } from '../../ports/store.js';
import type { DataSchema } from '../../session/data-schema.js';
import { type Bounds, endOf, type Lifetime, type Timestamps } from '../../session/expiry.js';
import { isLifetime } from '../../session/lifetime.js';
import type { SessionState } from '../../session/session-state.js';
import type { SessionSnapshot } from '../session-snapshot.js';
import type { AuthKey } from './auth-key.js';
import { ContentCache } from './content-cache.js';
import { isEarlierIds } from './earlier-ids.js';

/** The session of a record, with its data in the application's types, and what only the record contains. */
export interface RecordFacts<Data, User> extends SessionSnapshot<Data, User> {
  readonly version: number;
  /** Orders sign-ins within the same millisecond: the later one has the greater number. 0 if nobody signed in. */
  readonly order: number;
  /** The earlier ids of the session, in the form of `rememberId`. */
  readonly earlier: string;
  /**
   * The id from which a sign-in rotated, until the next update of the record. While that id is not retired, the sign-in
   * is not complete, and no client has the new sid.
   */
  readonly replaces: string | undefined;
}

/** What a record contains in addition to a session. */
export type RecordMarks = Pick<RecordFacts<unknown, unknown>, 'version' | 'order' | 'earlier' | 'replaces'>;

/** What can be read from a record without validating its data. */
export type Glance = Pick<
  RecordFacts<unknown, unknown>,
  'expires' | 'since' | 'info' | 'order' | 'earlier' | 'replaces'
>;

/** The data of a record. */
export interface RecordData<Data, User> {
  readonly sessionData: Data & object;
  readonly userData: Partial<User> & object;
}

/** What a body holds, with its data in the application's types. */
export interface Content<Data, User> extends RecordData<Data, User> {
  /** `undefined`: since the session was created. */
  readonly since: number | undefined;
  readonly authenticatedAt: number | undefined;
  readonly life: Lifetime | undefined;
  readonly info: Readonly<Record<string, unknown>> | undefined;
  readonly order: number;
  readonly earlier: string;
  readonly replaces: string | undefined;
  readonly migrated: boolean;
}

const NO_USER_DATA =
  'the user was signed in without userData: call session.setUser(id, userData), with Passport in serializeUser((request, user, done) => ...)';

/** A shorter body cannot nest deeper than a session may: each level takes two brackets. */
const DEEP_BODY = DEEPEST * 2;

/** Converts sessions to records of a store and back. */
export class RecordCodec<Data, User> {
  readonly #bounds: Bounds;
  readonly #sessionData: DataSchema<Data>;
  readonly #userData: DataSchema<User>;
  readonly #authKey: AuthKey | undefined;
  readonly #contents = new ContentCache<Content<Data, User>>();

  constructor(bounds: Bounds, sessionData: DataSchema<Data>, userData: DataSchema<User>, authKey: AuthKey | undefined) {
    this.#bounds = bounds;
    this.#sessionData = sessionData;
    this.#userData = userData;
    this.#authKey = authKey;
  }

  /** @throws Error if the body was not written by this class, or the schema rejects the data */
  decode(record: SessionRecord): RecordFacts<Data, User> {
    if (!isSound(record)) throw new TypeError('the record is none of ours');
    const { id, lineage, version, created, lastAccess, lastUpdate } = record;
    const content = this.#contents.get(record) ?? this.#contents.keep(record, this.#contentOf(record));
    return {
      id,
      lineage,
      uid: record.uid ?? undefined,
      created,
      lastAccess,
      lastUpdate,
      since: content.since ?? created,
      authenticatedAt: content.authenticatedAt,
      life: content.life,
      info: content.info,
      sessionData: content.sessionData,
      userData: content.userData,
      migrated: content.migrated,
      version,
      expires: record.expiresAt ?? Number.POSITIVE_INFINITY,
      order: content.order,
      earlier: content.earlier,
      replaces: content.replaces,
    };
  }

  #contentOf({ body, uid: owner }: SessionRecord): Content<Data, User> {
    const uid = owner ?? undefined;
    const { sessionData, userData, since, auth, life, info, order, earlier, replaces } = parse(body);
    const { data, migrated } = this.#sessionData.load(sessionData);
    return {
      sessionData: this.#authKey === undefined ? data : this.#authKey.with(this.#authKey.without(data), uid),
      userData: uid === undefined ? {} : this.#userData.load(userData).data,
      since,
      authenticatedAt: auth,
      life,
      info,
      order,
      earlier,
      replaces,
      migrated,
    };
  }

  /** Never throws. Invalid or missing values get a default. */
  glance(record: SessionRecord): Glance {
    const expires = record.expiresAt ?? Number.POSITIVE_INFINITY;
    try {
      const { life, since, info, order, earlier, replaces } = parse(record.body);
      const ends = endOf(this.#bounds, { ...timesOf(record), life });
      return { expires: Math.min(expires, ends), since: since ?? record.created, info, order, earlier, replaces };
    } catch {
      return { expires, since: record.created, info: undefined, order: 0, earlier: '', replaces: undefined };
    }
  }

  /** Returns the data to write, validated and in JSON. @throws SessionDataInvalid */
  dataOf(
    { sessionData, userData, uid }: SessionState<Data, User>,
    changed?: RecordData<Data, User>,
  ): RecordData<Data, User> {
    const check = (data: Data & object): Data & object => this.#sessionData.check(data);
    // Without a user there is no userData to validate, even if the schema requires some.
    const checkUser = (data: Partial<User> & object): Partial<User> & object =>
      uid === undefined ? {} : this.#checkUser(data);
    return {
      sessionData:
        changed === undefined ? sessionData.checked(check, this.#sessionData.hasSchema) : check(changed.sessionData),
      userData:
        changed === undefined
          ? userData.checked(checkUser, uid === undefined || this.#userData.hasSchema)
          : checkUser(changed.userData),
    };
  }

  /** Code that signs in by `authKey`, as Passport does, gives no userData of its own. */
  #checkUser(data: Partial<User> & object): Partial<User> & object {
    try {
      return this.#userData.check(data);
    } catch (error) {
      const isMissing = this.#authKey !== undefined && Object.keys(data).length === 0;
      if (!isMissing || !(error instanceof SessionDataInvalid)) throw error;
      throw new SessionDataInvalid(error.path, NO_USER_DATA, error);
    }
  }

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
        since: since === created ? undefined : since,
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

  /**
   * Called when this record was written: whoever loads it next need not read what is known here. With a schema it is read, because the
   * schema may make something else of what it returned.
   */
  written(
    record: SessionRecord,
    snapshot: SessionSnapshot<Data, User>,
    { order, earlier, replaces }: RecordMarks,
  ): void {
    if (this.#authKey !== undefined || this.#sessionData.hasSchema || this.#userData.hasSchema) return;
    const { sessionData, userData, since, authenticatedAt, life, info } = snapshot;
    this.#contents.keep(record, {
      sessionData,
      userData,
      since,
      authenticatedAt,
      life,
      info,
      order,
      earlier,
      replaces,
      migrated: false,
    });
  }
}

function timesOf({ created, lastAccess, lastUpdate }: SessionRecord): Timestamps {
  return { created, lastAccess, lastUpdate };
}

/** Everyone who can write to the store may have written the record. */
function isSound({ lineage, version, uid, created, lastAccess, lastUpdate, expiresAt }: SessionRecord): boolean {
  const times = [created, lastAccess, lastUpdate, expiresAt ?? 0, version];
  const areNumbers = times.every((time) => Number.isSafeInteger(time) && time >= 0);
  return areNumbers && typeof lineage === 'string' && lineage !== '' && (uid === null || isUid(uid));
}

/** The error of JSON.parse is not passed on: its message quotes the text. */
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
    (since !== undefined && !Number.isSafeInteger(since)) ||
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
    since: since === undefined ? undefined : Number(since),
    auth: auth === undefined ? undefined : Number(auth),
    life,
    info: info && deepFreeze(info),
    order: Number(order),
    earlier,
    replaces,
  };
}
