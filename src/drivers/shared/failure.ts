/** The code of an error: of a database, or of a connection that broke. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' ? code : undefined;
}

/** What to show of an error, where that is not what it says itself. */
export interface Shown {
  readonly code?: string | undefined;
  /** What the message quotes of a command, and so of a session: left out. */
  readonly quoted?: RegExp;
}

/**
 * The name, the message and the code of a client's error, to be the `cause` of a StoreUnavailable. Its other properties are
 * left behind: clients and databases put keys, values and whole commands there.
 */
export function causeOf(error: unknown, { code = codeOf(error), quoted }: Shown = {}): Error {
  const original = error instanceof Error ? error : new Error('not an Error');
  // Some classes of errors do not set `name`.
  const name = original.name === 'Error' ? original.constructor.name : original.name;
  // Where several addresses refused, Node.js throws an AggregateError without a message.
  const text = original.message === '' ? (code ?? name) : original.message;
  const cause = new Error(quoted === undefined ? text : text.replace(quoted, ''));
  cause.name = name;
  return code === undefined ? cause : Object.assign(cause, { code });
}
