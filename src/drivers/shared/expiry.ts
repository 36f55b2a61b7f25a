/** When an entry expires, ms timestamp; null = never. */
type Expiry = number | null;

/** Whether an entry has expired at `now`: it has from that very millisecond on. */
export function hasExpired({ expiresAt }: { readonly expiresAt: Expiry }, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** The later of two expiries; null is later than any. */
export function laterOf(a: Expiry, b: Expiry): Expiry {
  return a === null || b === null ? null : Math.max(a, b);
}
