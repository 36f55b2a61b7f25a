/** What process warnings of this package tell of, to filter by. */
export type WarningCode =
  | 'SESSIONS_EPOCH_LOST'
  | 'SESSIONS_LISTENER_FAILED'
  | 'SESSIONS_NO_REVOCATIONS'
  | 'SESSIONS_PREFIX_DROPPED'
  | 'SESSIONS_SHORT_SECRET'
  | 'SESSIONS_SQLITE_FILE_SYSTEM'
  | 'SESSIONS_UNKNOWN_CONFIGURATION'
  | 'SESSIONS_UNKNOWN_MANIFEST_KEY'
  | 'SESSIONS_UNSIGNED';

/** A process warning; the text never holds a secret, token or sid. */
export function warn(code: WarningCode, message: string): void {
  process.emitWarning(message, { type: 'SessionsWarning', code });
}
