/**
 * sessions-jwt: sessions in signed tokens and in stores, their expiry, and ending them before their time.
 *
 * @module
 */

export type { MemoryStoreOptions } from './drivers/memory/options.js';
export { MemoryStore } from './drivers/memory/store.js';
export type { CsrfReason, ExpiredReason, NotFoundDetails, NotFoundReason } from './errors.js';
export {
  CsrfRefused,
  LogPositionLost,
  RevocationsStale,
  SessionAlreadyExists,
  SessionDataInvalid,
  SessionEnded,
  SessionError,
  SessionExpired,
  SessionHeadSent,
  SessionNotFound,
  SessionTooLarge,
  StoreFull,
  StoreUnavailable,
} from './errors.js';
export type {
  Bus,
  BusConnection,
  BusHistory,
  BusKeeping,
  BusListener,
  BusMessage,
  TabActivity,
  UserActivity,
} from './ports/bus.js';
export type { Clock } from './ports/clock.js';
export type {
  Guarantee,
  NewRevocation,
  Revocation,
  RevocationLog,
  RevocationMatch,
  RevocationReaders,
  RevocationReason,
} from './ports/revocation-log.js';
export type { EndOfUser, Retired, SessionRecord, Store, Swept, WriteOutcome } from './ports/store.js';
export type { SessionAttributes } from './session/attributes.js';
export type { Callback } from './session/callback.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './session/data-schema.js';
export type { Bounds, Expiry, Lifetime, Timestamps } from './session/expiry.js';
export type { Register, RegisteredData, RegisteredKind, RegisteredUser } from './session/register.js';
export { ServerSession } from './session/server-session.js';
export type { SessionRef } from './session/session.js';
export { SessionModel } from './session/session.js';
export type { ForceInvalidate } from './session/session-state.js';
export type { SetUserOptions } from './session/set-user-options.js';
export { Session } from './session/token-session.js';
export type { PlainUser, UserId, UserModel } from './session/user.js';
export type { StorageErrors } from './storage/errors.js';
export type { SessionEventEmitter, SessionEventName, SessionEvents, SessionFacts } from './storage/events.js';
export type { RevocationEventEmitter, RevocationEventName, RevocationEvents } from './storage/revocation/events.js';
export type { RevocationHealth, RevocationListOptions } from './storage/revocation/revocation-list.js';
export { RevocationList } from './storage/revocation/revocation-list.js';
export type { RevokeOptions, RevokeResult, RevokeTarget } from './storage/revocation/target.js';
export type { SessionChange } from './storage/server/handle.js';
export type { ServerSessionStorageOptions } from './storage/server/options.js';
export type { StoreHealth } from './storage/server/server-session-storage.js';
export { ServerSessionStorage } from './storage/server/server-session-storage.js';
export type { SessionInfo } from './storage/session-info.js';
export type {
  CommitOptions,
  CommitResult,
  OpenedSession,
  OpenOptions,
  SessionSource,
  StorageAbilities,
} from './storage/session-source.js';
export type { SessionStorageOptions } from './storage/token/options.js';
export { SessionRegistry } from './storage/token/session-registry.js';
export { SessionStorage } from './storage/token/session-storage.js';
export type { JwtAlgorithm } from './token/algorithm.js';
export type { Jwk, KeyMaterial } from './token/key-import.js';
export type { NamedSecret, Secret } from './token/keyring.js';
