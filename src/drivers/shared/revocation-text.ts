import { isPlainObject } from '../../lib/json.js';
import type { NewRevocation, Revocation, RevocationMatch } from '../../ports/revocation-log.js';

/** A revocation as the JSON text that logs keep. */
export function textOfRevocation({ at, until, reason, match }: NewRevocation): string {
  return JSON.stringify({ at, until, reason, ...match });
}

/**
 * Reads what {@link textOfRevocation} wrote.
 * @throws Error if it is anything else: what cannot be understood may be the revocation of a newer version
 */
export function revocationOf(seq: string, text: string): Revocation {
  const entry = parsed(text);
  if (isPlainObject(entry)) {
    const { at, until, reason } = entry;
    const match = matchOf(entry);
    const isWhole = Number.isFinite(at) && (until === null || Number.isFinite(until)) && typeof reason === 'string';
    if (match !== undefined && isWhole)
      return { seq, at: Number(at), until: until === null ? null : Number(until), reason, match };
  }
  throw new Error(`the revocation log has an entry at ${seq} that this version cannot read`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function matchOf({
  lineage,
  jti,
  uid,
  before,
  except,
}: Readonly<Record<string, unknown>>): RevocationMatch | undefined {
  if (typeof lineage === 'string') return { lineage };
  if (typeof jti === 'string') return { jti };
  if (typeof before !== 'number') return undefined;
  if (uid === undefined) return { before };
  if (typeof uid !== 'string' || !Array.isArray(except)) return undefined;
  return { uid, before, except: except.filter((name) => typeof name === 'string') };
}
