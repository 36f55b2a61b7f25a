import {
  RevocationsStale,
  SessionAlreadyExists,
  SessionDataInvalid,
  SessionEnded,
  SessionExpired,
  SessionHeadSent,
  SessionNotFound,
  SessionTooLarge,
  StoreFull,
  StoreUnavailable,
} from '../errors.js';

/** The error classes of a storage, for `instanceof`. */
export interface StorageErrors {
  readonly SessionNotFound: typeof SessionNotFound;
  readonly SessionExpired: typeof SessionExpired;
  readonly SessionEnded: typeof SessionEnded;
  readonly SessionHeadSent: typeof SessionHeadSent;
  readonly SessionDataInvalid: typeof SessionDataInvalid;
  readonly SessionTooLarge: typeof SessionTooLarge;
  readonly SessionAlreadyExists: typeof SessionAlreadyExists;
  readonly StoreUnavailable: typeof StoreUnavailable;
  readonly StoreFull: typeof StoreFull;
  readonly RevocationsStale: typeof RevocationsStale;
}

/** All storages have the same classes. */
export const STORAGE_ERRORS: StorageErrors = Object.freeze({
  SessionNotFound,
  SessionExpired,
  SessionEnded,
  SessionHeadSent,
  SessionDataInvalid,
  SessionTooLarge,
  SessionAlreadyExists,
  StoreUnavailable,
  StoreFull,
  RevocationsStale,
});
