/** The codes of this package's process warnings, for filtering. */
export type WarningCode =
  | 'SESSIONS_COOKIE_READ'
  | 'SESSIONS_COOKIE_TAKEN'
  | 'SESSIONS_EPOCH_LOST'
  | 'SESSIONS_LARGE_COOKIE'
  | 'SESSIONS_LISTENER_FAILED'
  | 'SESSIONS_LOG_UNREAD'
  | 'SESSIONS_LOST_WRITE'
  | 'SESSIONS_NO_REVOCATIONS'
  | 'SESSIONS_PREFIX_DROPPED'
  | 'SESSIONS_PROCESS_LOCAL'
  | 'SESSIONS_RANDOM_SECRET'
  | 'SESSIONS_SECURE_COOKIE_OVER_HTTP'
  | 'SESSIONS_SHORT_SECRET'
  | 'SESSIONS_SQLITE_FILE_SYSTEM'
  | 'SESSIONS_STREAM_FAILED'
  | 'SESSIONS_UNKNOWN_CONFIGURATION'
  | 'SESSIONS_UNKNOWN_MANIFEST_KEY'
  | 'SESSIONS_UNSIGNED';

/** Emits a process warning. The text never contains a secret, token or sid. */
export function warn(code: WarningCode, message: string): void {
  process.emitWarning(message, { type: 'SessionsWarning', code });
}
