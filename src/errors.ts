/**
 * The errors of this package, except `TypeError`, which means misuse: a wrong option or argument.
 *
 * "No session" is {@link SessionNotFound} or its subclass {@link SessionExpired}, each with a `reason`. A backend that
 * cannot answer is {@link StoreUnavailable} (HTTP 503). No message contains a token, a sid or a secret (OWASP ASVS
 * 16.2.5). `docs/errors.md`, which is part of the package, gives the cause and the cure of every `code` and `reason`.
 *
 * @module
 */

import { recognizeCopies } from './copies.js';

/** Why a sid opened no session; `docs/errors.md` explains each reason. */
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
  | 'not_yet_valid'
  | 'invalid_data'
  | 'revoked'
  | 'superseded'
  | 'unknown';

/** Which timeout a session reached: `idle` counts from `lastAccess`, `update` from `lastUpdate`, `absolute` from `created`. */
export type ExpiredReason = 'idle' | 'update' | 'absolute';

/** Base class of all errors below. Each has a stable `code` and a suitable HTTP `status`. */
export abstract class SessionError extends Error {
  static {
    recognizeCopies(SessionError, 'SessionError');
  }

  /** Stable machine-readable name of the error: `ERR_SESSION_*`, or `EBADCSRFTOKEN`. One class has one code. */
  readonly code: string;
  /** The HTTP status to respond with. */
  readonly status: number;

  constructor(code: string, status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
  }

  /** The name of the class. It stays the same when a bundler renames classes. */
  abstract override get name(): string;
}

/** Details of a {@link SessionNotFound}. */
export interface NotFoundDetails<Reason extends string = NotFoundReason> {
  /** Default 'unknown'; for {@link SessionExpired} 'absolute'. */
  readonly reason?: Reason | undefined;
  /** See {@link SessionNotFound.withinGrace}. Default false. */
  readonly withinGrace?: boolean | undefined;
  /** See {@link SessionNotFound.isUndecided}. Default false. */
  readonly isUndecided?: boolean | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * The sid opens no session (`ERR_SESSION_NOT_FOUND`, status 401). `reason` says why.
 *
 * `error.sessionId` returns the sid. It is a getter over a private field, so logging or inspecting the error does not
 * show it.
 */
export class SessionNotFound extends SessionError {
  static {
    recognizeCopies(SessionNotFound, 'SessionNotFound');
  }

  /** Why: stable, to branch on. */
  readonly reason: NotFoundReason | ExpiredReason;
  /**
   * Whether the session was ended or replaced within the last `rotationGrace` ms. The client may be about to receive a
   * newer credential, so a response must not set or clear one now.
   */
  readonly withinGrace: boolean;
  /**
   * Whether this process cannot judge the sid: it may be good in another process, or later. The clock of the process that
   * issued it is ahead, or that process has a newer key, schema, `issuer` or `audience`. A response must not clear or replace
   * it, unless a user signs in. True for at most an hour after the sid was issued.
   */
  readonly isUndecided: boolean;
  readonly #sid: unknown;

  constructor(
    sid?: unknown,
    details?: NotFoundDetails<NotFoundReason | ExpiredReason>,
    code = 'ERR_SESSION_NOT_FOUND',
    problem = 'session not found',
  ) {
    const reason = details?.reason ?? 'unknown';
    super(code, 401, `${problem}: ${reason}`, details?.cause);
    this.reason = reason;
    this.withinGrace = details?.withinGrace ?? false;
    this.isUndecided = details?.isUndecided ?? false;
    this.#sid = sid;
  }

  /** The sid as the client sent it. It is a credential: never log it. */
  get sessionId(): unknown {
    return this.#sid;
  }

  override get name(): string {
    return 'SessionNotFound';
  }
}

/** The session existed and has reached a timeout (`ERR_SESSION_EXPIRED`, status 401). */
export class SessionExpired extends SessionNotFound {
  static {
    recognizeCopies(SessionExpired, 'SessionExpired');
  }

  /** The timeout that it reached. */
  declare readonly reason: ExpiredReason;

  constructor(sid?: unknown, details?: NotFoundDetails<ExpiredReason>) {
    const { reason = 'absolute', cause } = details ?? {};
    super(sid, { reason, cause }, 'ERR_SESSION_EXPIRED', 'session expired');
  }

  override get name(): string {
    return 'SessionExpired';
  }
}

/**
 * A change that needs a new credential, after the response's head was sent (`ERR_SESSION_HEAD_SENT`, status 500): the client can
 * receive no cookie or header any more. Nothing was changed.
 */
export class SessionHeadSent extends SessionError {
  static {
    recognizeCopies(SessionHeadSent, 'SessionHeadSent');
  }

  constructor(what: string, cure = 'call it before the response begins') {
    super(
      'ERR_SESSION_HEAD_SENT',
      500,
      `${what}: the head of the response was sent, and the client cannot receive it: ${cure}`,
    );
  }

  override get name(): string {
    return 'SessionHeadSent';
  }
}

/** Why a request was refused as a possible forgery; `docs/errors.md` explains each reason. */
export type CsrfReason = 'cross_origin' | 'token_missing' | 'token_malformed' | 'token_invalid' | 'token_stale';

/**
 * The request may have been forged by another site (`EBADCSRFTOKEN`, status 403). Nothing in it could use its session, which is
 * neither changed, sent nor cleared. `reason` says what was wrong.
 */
export class CsrfRefused extends SessionError {
  static {
    recognizeCopies(CsrfRefused, 'CsrfRefused');
  }

  /** Why: stable, to branch on. */
  readonly reason: CsrfReason;

  constructor(reason: CsrfReason, problem: string) {
    super('EBADCSRFTOKEN', 403, `request refused: ${reason}: ${problem}`);
    this.reason = reason;
  }

  override get name(): string {
    return 'CsrfRefused';
  }
}

/** A write to a session that has ended (`ERR_SESSION_ENDED`, status 401). Nothing was written. */
export class SessionEnded extends SessionError {
  static {
    recognizeCopies(SessionEnded, 'SessionEnded');
  }

  constructor(
    reason: string,
    problem = `the session has ended (${reason}) and cannot be changed: to sign another user in, call setUser instead of revoke`,
  ) {
    super('ERR_SESSION_ENDED', 401, problem);
  }

  override get name(): string {
    return 'SessionEnded';
  }
}

/**
 * JSON cannot represent a value in `sessionData` or `userData`, or the schema rejects it (`ERR_SESSION_DATA_INVALID`,
 * status 500). The message names the place and never the value.
 */
export class SessionDataInvalid extends SessionError {
  static {
    recognizeCopies(SessionDataInvalid, 'SessionDataInvalid');
  }

  /** Where the value is, such as `sessionData.cart[2].price`. */
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super('ERR_SESSION_DATA_INVALID', 500, `${path}: ${problem}`, cause);
    this.path = path;
  }

  override get name(): string {
    return 'SessionDataInvalid';
  }
}

/** The sid is too long for its cookie, header or token (`ERR_SESSION_TOO_LARGE`, status 500). Nothing was sent. */
export class SessionTooLarge extends SessionError {
  static {
    recognizeCopies(SessionTooLarge, 'SessionTooLarge');
  }

  /** Size of the cookie, header or token, in bytes. */
  readonly size: number;
  /** The largest size allowed, in bytes. */
  readonly limit: number;

  constructor(what: string, size: number, limit: number) {
    super(
      'ERR_SESSION_TOO_LARGE',
      500,
      `the ${what} is ${size} bytes, the limit is ${limit}: store less in sessionData and userData, such as an id instead of an object`,
    );
    this.size = size;
    this.limit = limit;
  }

  override get name(): string {
    return 'SessionTooLarge';
  }
}

/** A store or revocation log failed or did not answer in time (`ERR_SESSION_STORE_UNAVAILABLE`, status 503). It never means "no session". */
export class StoreUnavailable extends SessionError {
  static {
    recognizeCopies(StoreUnavailable, 'StoreUnavailable');
  }

  constructor(message: string, cause?: unknown, code = 'ERR_SESSION_STORE_UNAVAILABLE') {
    super(code, 503, message, cause);
  }

  override get name(): string {
    return 'StoreUnavailable';
  }
}

/** The store has reached its limit and contains no session that it may evict (`ERR_SESSION_STORE_FULL`, status 503). */
export class StoreFull extends StoreUnavailable {
  static {
    recognizeCopies(StoreFull, 'StoreFull');
  }

  /** The largest number of sessions in the store. */
  readonly limit: number;

  constructor(limit: number) {
    super(
      `the store is full: it has ${limit} entries, and none of them may be evicted: raise maxSessions`,
      undefined,
      'ERR_SESSION_STORE_FULL',
    );
    this.limit = limit;
  }

  override get name(): string {
    return 'StoreFull';
  }
}

/** The store already has an entry with this id (`ERR_SESSION_ALREADY_EXISTS`, status 500). It was not changed. */
export class SessionAlreadyExists extends SessionError {
  static {
    recognizeCopies(SessionAlreadyExists, 'SessionAlreadyExists');
  }

  constructor() {
    super('ERR_SESSION_ALREADY_EXISTS', 500, 'the store already has an entry with this id');
  }

  override get name(): string {
    return 'SessionAlreadyExists';
  }
}

/** The revocation log was last read too long ago, so no token can be trusted (`ERR_SESSION_REVOCATIONS_STALE`, status 503). */
export class RevocationsStale extends StoreUnavailable {
  static {
    recognizeCopies(RevocationsStale, 'RevocationsStale');
  }

  /** @param cause the error of the last read of the log */
  constructor(ageInMs: number, boundInMs: number, cause?: unknown) {
    super(
      ageInMs === Number.POSITIVE_INFINITY
        ? 'the revocation log has not been read yet'
        : `the revocation log was last read ${ageInMs} ms ago, the limit is ${boundInMs} ms`,
      cause,
      'ERR_SESSION_REVOCATIONS_STALE',
    );
  }

  override get name(): string {
    return 'RevocationsStale';
  }
}

/**
 * A revocation log cannot tell what came after a position: it was emptied or replaced, or lost entries (`ERR_SESSION_LOG_POSITION_LOST`, status
 * 503). A RevocationList then reads the whole log again, and appends what the log has lost.
 */
export class LogPositionLost extends StoreUnavailable {
  static {
    recognizeCopies(LogPositionLost, 'LogPositionLost');
  }

  constructor() {
    super(
      'the revocation log has lost entries, and is read again from the start',
      undefined,
      'ERR_SESSION_LOG_POSITION_LOST',
    );
  }

  override get name(): string {
    return 'LogPositionLost';
  }
}
