import { isPlainObject } from '../../lib/json.js';
import type { NewRevocation, Revocation, RevocationMatch } from '../../ports/revocation-log.js';

/** A revocation as the JSON text that logs keep. */
export function textOfRevocation({ at, until, reason, match }: NewRevocation): string {
  return JSON.stringify({ at, until, reason, ...match });
}

/**
 * Reads what {@link textOfRevocation} wrote. `entry`: the parsed JSON, or `undefined` if the text was not JSON.
 * @throws Error if it is anything else: what cannot be understood may be the revocation of a newer version
 */
export function revocationOfJson(seq: string, entry: unknown): Revocation {
  if (isPlainObject(entry)) {
    const { at, until, reason } = entry;
    const match = matchOf(entry);
    if (isTime(at) && (until === null || isTime(until)) && typeof reason === 'string' && match !== undefined) {
      return { seq, at, until, reason, match };
    }
  }
  throw new Error(`the revocation log has an entry at ${seq} that this version cannot read`);
}

/** A property that this version does not know may narrow or widen the match, so there is no match then. */
function matchOf(entry: Readonly<Record<string, unknown>>): RevocationMatch | undefined {
  const { lineage, jti, uid, before, except } = entry;
  // Besides `at`, `until` and `reason`.
  const count = Object.keys(entry).length - 3;
  if (typeof lineage === 'string') return count === 1 ? { lineage } : undefined;
  if (typeof jti === 'string') return count === 1 ? { jti } : undefined;
  if (!isTime(before)) return undefined;
  if (count === 1) return { before };
  return typeof uid === 'string' && isTexts(except) && count === 3 ? { uid, before, except } : undefined;
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

/** A revocation as logs keep it. */
export interface RevocationLine {
  /** When the log may remove the entry, as a whole ms timestamp; `null` = never. */
  readonly due: number | null;
  /** See {@link textOfRevocation}. */
  readonly text: string;
}

/** @throws TypeError for what JSON cannot hold */
export function lineOf(entry: NewRevocation): RevocationLine {
  const { until } = entry;
  const due = until === null || until > Number.MAX_SAFE_INTEGER ? null : Math.ceil(until);
  return { due, text: textOfRevocation(entry) };
}
