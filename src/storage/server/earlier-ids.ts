/** Characters that are kept of an id: 72 bits of a digest, enough to tell the sessions of one user apart. */
const KEPT = 12;
/** Rotations that a session remembers. */
const MOST = 50;

/** `earlier` with one more id. It is one text, as the record stores it: a prefix of each id, the newest last. */
export function rememberId(earlier: string, id: string): string {
  return (earlier + id.slice(0, KEPT)).slice(-MOST * KEPT);
}

/** Whether a session had this id before. */
export function hadId(earlier: string, id: string): boolean {
  // A shorter one would be the beginning of many.
  if (id.length < KEPT) return false;
  const wanted = id.slice(0, KEPT);
  for (let at = 0; at < earlier.length; at += KEPT) if (earlier.startsWith(wanted, at)) return true;
  return false;
}

/** Whether a session may have had ids that it no longer remembers. */
export function hasForgottenIds(earlier: string): boolean {
  return earlier.length >= MOST * KEPT;
}

/** Whether a record may hold this as its earlier ids. */
export function isEarlierIds(value: unknown): value is string {
  return typeof value === 'string' && value.length % KEPT === 0 && value.length <= MOST * KEPT;
}
