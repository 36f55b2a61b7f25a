import { StoreUnavailable } from 'sessions-jwt';

/** Why something failed, in a line. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof StoreUnavailable ? (error.cause ?? error) : error;
  if (!(inner instanceof Error)) return 'for an unknown reason';
  // Where a name has two addresses there are two errors, and what holds them says nothing itself.
  return inner.message || ('code' in inner ? String(inner.code) : inner.name);
}
