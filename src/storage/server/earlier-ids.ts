/** How many characters of an id are kept: 72 bits of a digest are enough to distinguish the sessions of a user. */
const KEPT = 12;
/** How many earlier ids a session remembers. */
const MOST = 50;

/** Adds an id to `earlier`. The result is one text, as the record stores it: a prefix of each id, the newest last. */
export function rememberId(earlier: string, id: string): string {
  return (earlier + id.slice(0, KEPT)).slice(-MOST * KEPT);
}

/** Whether a session had this id before. */
export function hadId(earlier: string, id: string): boolean {
  // A shorter id would match more than one prefix.
  if (id.length < KEPT) return false;
  const wanted = id.slice(0, KEPT);
  for (let at = 0; at < earlier.length; at += KEPT) if (earlier.startsWith(wanted, at)) return true;
  return false;
}

/** Whether a session may have had ids that it no longer remembers. */
export function hasForgottenIds(earlier: string): boolean {
  return earlier.length >= MOST * KEPT;
}

/** Whether a value has the form of `rememberId`. */
export function isEarlierIds(value: unknown): value is string {
  return typeof value === 'string' && value.length % KEPT === 0 && value.length <= MOST * KEPT;
}
