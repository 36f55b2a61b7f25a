const KINDS = ['sqlite', 'redis', 'postgres', 'jwt'] as const;

/** Where sessions are kept: in one of three stores, or in tokens that clients carry. */
export type Kind = (typeof KINDS)[number];

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The choice, and a remark on it for the terminal. */
export interface Choice {
  readonly kind: Kind;
  readonly remark: string | undefined;
}

/**
 * What `SESSIONS` names. Without it: Redis if `REDIS_URL` is set, else PostgreSQL if `DATABASE_URL` is set, else SQLite.
 * @throws Error when `SESSIONS` has another value
 */
export function choose({ SESSIONS: wanted, REDIS_URL, DATABASE_URL }: Environment): Choice {
  if (wanted) {
    const kind = KINDS.find((one) => one === wanted);
    if (kind === undefined) throw new Error(`SESSIONS must be one of ${KINDS.join(', ')}. Try: SESSIONS=jwt npm start`);
    return { kind, remark: undefined };
  }
  if (REDIS_URL && DATABASE_URL) {
    const remark =
      'REDIS_URL and DATABASE_URL are both set: using Redis. To use PostgreSQL: SESSIONS=postgres npm start';
    return { kind: 'redis', remark };
  }
  return { kind: REDIS_URL ? 'redis' : DATABASE_URL ? 'postgres' : 'sqlite', remark: undefined };
}
