/* What the model of server-side sessions goes by: their bounds, and what there is to know of one. */

export const IDLE = 10_000;
export const ABSOLUTE = 40_000;
export const RESOLUTION = 1_000;
export const GRACE = 3_000;
export const REUSE = 6_000;
/** For how long a session that has expired is still told from one that never was. */
export const AFTERLIFE = 60_000;

export type Data = ReadonlyMap<string, number>;

export interface Life {
  readonly idleTimeout?: number;
  readonly absoluteTimeout?: number;
}

/** What there is to know of a session. */
export interface Facts {
  readonly id: string;
  readonly lineage: string;
  readonly version: number;
  readonly uid: string | undefined;
  readonly data: Data;
  readonly userData: Data;
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  readonly authenticatedAt: number | undefined;
  readonly life: Life | undefined;
  readonly device: number | undefined;
}

export const NOTHING: Data = new Map();

/** When it ends if nothing more happens. */
export function expiryOf({ lastAccess, created, life }: Facts): number {
  return Math.min(lastAccess + (life?.idleTimeout ?? IDLE), created + (life?.absoluteTimeout ?? ABSOLUTE));
}

export function only(data: Data, keys: readonly string[]): Data {
  return new Map([...data].filter(([key]) => keys.includes(key)));
}

/** Key by key: what one of them changed is so, and where both did, `mine`. Of theirs only what is `kept` crosses. */
export function merged(mine: Data, base: Data, theirs: Data, kept?: readonly string[]): Data {
  const data = new Map(mine);
  for (const key of new Set([...base.keys(), ...theirs.keys()])) {
    const value = theirs.get(key);
    if (mine.get(key) !== base.get(key) || kept?.includes(key) === false) continue;
    if (value === undefined) data.delete(key);
    else data.set(key, value);
  }
  return data;
}

/** What both changed, to different ends. */
export function contestedKeys(...all: readonly [mine: Data, base: Data, theirs: Data]): string[] {
  const keys = new Set(all.flatMap((data) => [...data.keys()]));
  return [...keys].filter((key) => new Set(all.map((data) => data.get(key))).size === 3);
}

export function isSameData(a: Data, b: Data): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
