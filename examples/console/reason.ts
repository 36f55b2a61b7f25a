import { StoreUnavailable } from 'sessions-jwt';

/** Why something failed, in one line. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof StoreUnavailable ? (error.cause ?? error) : error;
  if (!(inner instanceof Error)) return 'unknown reason';
  // When a host has several addresses, Node.js throws an AggregateError without a message.
  return inner.message || ('code' in inner ? String(inner.code) : inner.name);
}
