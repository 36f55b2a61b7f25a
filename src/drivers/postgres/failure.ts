import { SessionError, StoreUnavailable } from '../../errors.js';

/** The SQLSTATE of a failure, or the code of a connection's. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' ? code : undefined;
}

/** Rejects with StoreUnavailable, unless `error` is one of this package's own. */
export function fail(error: unknown): never {
  if (error instanceof SessionError) throw error;
  throw new StoreUnavailable(`PostgreSQL failed (${codeOf(error) ?? 'no code'})`, withoutData(error));
}

/** PostgreSQL repeats what it was given in `detail`, `where` and others. */
function withoutData(error: unknown): Error {
  const code = codeOf(error);
  const { name, message } = error instanceof Error ? error : new Error('not an Error');
  // Where no address answered, Node gathers what each said in an error without a message.
  const cause = new Error(message === '' ? code : message);
  cause.name = name;
  return code === undefined ? cause : Object.assign(cause, { code });
}
