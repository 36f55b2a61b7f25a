export type FoxxWarning = 'SESSIONS_UNKNOWN_CONFIGURATION' | 'SESSIONS_UNKNOWN_MANIFEST_KEY';

export function warn(code: FoxxWarning, message: string): void {
  process.emitWarning(message, { type: 'SessionsWarning', code });
}

/** `"a", "b"`, or `none`. */
export function quoted(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => JSON.stringify(name)).join(', ');
}
