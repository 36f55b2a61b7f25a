/**
 * Every error this package throws on purpose, apart from `TypeError` (misuse: a wrong option or argument).
 *
 * Two channels: "no session" is {@link SessionNotFound} or its child {@link SessionExpired}, each with a `reason`;
 * a backend that cannot answer is {@link StoreUnavailable} (HTTP 503). No message ever holds a token, sid or secret
 * (OWASP ASVS 16.2.5).
 *
 * @module
 */

/** Why a sid opened no session. */
export type NotFoundReason =
  | 'missing'
  | 'malformed'
  | 'too_large'
  | 'bad_signature'
  | 'wrong_algorithm'
  | 'unknown_key'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'invalid_claims'
  | 'invalid_data'
  | 'revoked'
  | 'superseded'
  | 'unknown';

/** Which bound a session reached: `idle` counts from lastAccess, `update` from lastUpdate, `absolute` from created. */
export type ExpiredReason = 'idle' | 'update' | 'absolute';

/** Base of all errors here: a stable `code` to branch on and the HTTP `status` that fits. */
export abstract class SessionError extends Error {
  /** Stable machine-readable name, `ERR_SESSION_*`. */
  readonly code: string;
  /** The HTTP status an application would answer with. */
  readonly status: number;

  constructor(code: string, status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
  }

  /** The class's name, spelled out so that it survives a bundler that renames classes. */
  abstract override get name(): string;
}

/** What may be said about a missing session besides its sid. */
export interface NotFoundDetails<Reason extends string = NotFoundReason> {
  readonly reason?: Reason | undefined;
  /** See {@link SessionNotFound.withinGrace}. Default false. */
  readonly withinGrace?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * The sid opens no session (`ERR_SESSION_NOT_FOUND`, status 401).
 *
 * `error.sessionId` gives back the sid it was made with; it is a private field behind a getter, so that logging or
 * inspecting the error never shows it.
 */
export class SessionNotFound extends SessionError {
  readonly reason: NotFoundReason | ExpiredReason;
  /**
   * Whether the credential was ended or replaced only moments ago, so that the client may be about to get a newer one:
   * a response that sets or clears a credential now could undo that.
   */
  readonly withinGrace: boolean;
  readonly #sid: unknown;

  constructor(
    sid?: unknown,
    details?: NotFoundDetails<NotFoundReason | ExpiredReason>,
    code = 'ERR_SESSION_NOT_FOUND',
  ) {
    const reason = details?.reason ?? 'unknown';
    super(code, 401, `no session: ${reason}`, details?.cause);
    this.reason = reason;
    this.withinGrace = details?.withinGrace ?? false;
    this.#sid = sid;
  }

  /** The sid as it was given. A credential: never log it. */
  get sessionId(): unknown {
    return this.#sid;
  }

  override get name(): string {
    return 'SessionNotFound';
  }
}

/** The session was real, and one of its bounds is reached (`ERR_SESSION_EXPIRED`, status 401). */
export class SessionExpired extends SessionNotFound {
  declare readonly reason: ExpiredReason;

  constructor(sid?: unknown, details?: NotFoundDetails<ExpiredReason>) {
    super(sid, { reason: details?.reason ?? 'absolute', cause: details?.cause }, 'ERR_SESSION_EXPIRED');
  }

  override get name(): string {
    return 'SessionExpired';
  }
}

/** A write to a session that has already ended (`ERR_SESSION_ENDED`, status 401). Nothing was written. */
export class SessionEnded extends SessionError {
  constructor(reason: string) {
    super('ERR_SESSION_ENDED', 401, `the session has ended (${reason}): it takes no more writes`);
  }

  override get name(): string {
    return 'SessionEnded';
  }
}

/**
 * sessionData or userData that JSON cannot carry, or that the schema refuses (`ERR_SESSION_DATA_INVALID`, status 500).
 * `path` names the place, such as `sessionData.cart[2].price`; the message never shows the value.
 */
export class SessionDataInvalid extends SessionError {
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super('ERR_SESSION_DATA_INVALID', 500, `${path}: ${problem}`, cause);
    this.path = path;
  }

  override get name(): string {
    return 'SessionDataInvalid';
  }
}

/** A sid too long for what must carry it (`ERR_SESSION_TOO_LARGE`, status 500). Raised before anything is sent. */
export class SessionTooLarge extends SessionError {
  /** Bytes it would have taken. */
  readonly size: number;
  /** Bytes that fit. */
  readonly limit: number;

  constructor(what: string, size: number, limit: number) {
    super(
      'ERR_SESSION_TOO_LARGE',
      500,
      `the ${what} would be ${size} bytes, ${limit} fit: keep less in sessionData and userData (an id instead of the object)`,
    );
    this.size = size;
    this.limit = limit;
  }

  override get name(): string {
    return 'SessionTooLarge';
  }
}

/** A backend did not answer in time or failed (`ERR_SESSION_STORE_UNAVAILABLE`, status 503). Never means "no session". */
export class StoreUnavailable extends SessionError {
  constructor(message: string, cause?: unknown, code = 'ERR_SESSION_STORE_UNAVAILABLE') {
    super(code, 503, message, cause);
  }

  override get name(): string {
    return 'StoreUnavailable';
  }
}

/** A store that was given a limit is full of sessions that it may not drop (`ERR_SESSION_STORE_FULL`, status 503). */
export class StoreFull extends StoreUnavailable {
  /** How many sessions fit. */
  readonly limit: number;

  constructor(limit: number) {
    super(
      `the store holds ${limit} sessions, all it may, and none of them can be dropped`,
      undefined,
      'ERR_SESSION_STORE_FULL',
    );
    this.limit = limit;
  }

  override get name(): string {
    return 'StoreFull';
  }
}

/** A store was told to create a session under an id that is taken (`ERR_SESSION_ALREADY_EXISTS`, status 500). What is there stays. */
export class SessionAlreadyExists extends SessionError {
  constructor() {
    super('ERR_SESSION_ALREADY_EXISTS', 500, 'the store already holds something under this id');
  }

  override get name(): string {
    return 'SessionAlreadyExists';
  }
}

/** The revocation log has not answered within its bound, so no token can be trusted (`ERR_SESSION_REVOCATIONS_STALE`, status 503). */
export class RevocationsStale extends StoreUnavailable {
  /** `cause`: what the last read of the log failed with. */
  constructor(ageInMs: number, boundInMs: number, cause?: unknown) {
    super(
      `revocations were last read ${ageInMs} ms ago, the bound is ${boundInMs} ms`,
      cause,
      'ERR_SESSION_REVOCATIONS_STALE',
    );
  }

  override get name(): string {
    return 'RevocationsStale';
  }
}
