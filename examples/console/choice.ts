const KINDS = ['sqlite', 'redis', 'postgres', 'jwt'] as const;

/** Where sessions are kept: in one of three stores, or in tokens that clients carry. */
export type Kind = (typeof KINDS)[number];

/** What processes share: sessions or only sign-outs, and live messages. */
export type Backend = Exclude<Kind, 'jwt'>;

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The choice, and a remark on it for the terminal. */
export interface Choice {
  readonly kind: Kind;
  /** The same as `kind` for sessions in a store. For tokens, where the sign-outs are kept. */
  readonly backend: Backend;
  readonly remark: string | undefined;
}

/**
 * What `SESSIONS` names. Without it: Redis if `REDIS_URL` is set, else PostgreSQL if `DATABASE_URL` is set, else SQLite. The same addresses
 * choose the backend of tokens.
 * @throws Error when `SESSIONS` has another value
 */
export function choose({ SESSIONS: wanted, REDIS_URL, DATABASE_URL }: Environment): Choice {
  const kind = KINDS.find((one) => one === wanted);
  if (wanted && kind === undefined) {
    throw new Error(`SESSIONS must be one of ${KINDS.join(', ')}. Try: SESSIONS=jwt npm start`);
  }
  if (kind !== undefined && kind !== 'jwt') return { kind, backend: kind, remark: undefined };
  const backend = REDIS_URL ? 'redis' : DATABASE_URL ? 'postgres' : 'sqlite';
  const cure = kind === 'jwt' ? 'unset REDIS_URL' : 'SESSIONS=postgres npm start';
  const remark =
    REDIS_URL && DATABASE_URL
      ? `REDIS_URL and DATABASE_URL are both set: using Redis. To use PostgreSQL: ${cure}`
      : undefined;
  return { kind: kind ?? backend, backend, remark };
}
