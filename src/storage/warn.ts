/** A process warning with a code to filter by; the text never holds a secret, token or sid. */
export function warn(code: string, message: string): void {
  process.emitWarning(message, { type: 'SessionsWarning', code });
}
