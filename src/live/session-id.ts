/** As long as the ids of tokens may be. */
const LONGEST = 255;

/**
 * Whether this can be the id or the lineage of a session. The bus is asked for no other: topics have no line breaks, and backends reject
 * or change some malformed text. Tokens of other issuers may have ids with more characters than those of this package.
 */
export function isSessionId(name: string): boolean {
  return name.length >= 1 && name.length <= LONGEST && name.isWellFormed() && !/\p{Cc}|[\u2028\u2029]/u.test(name);
}
