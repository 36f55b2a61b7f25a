const KINDS = ['sqlite', 'redis', 'postgres', 'jwt'] as const;

/** Where sessions are: in one of three stores, or in tokens that clients carry. */
export type Kind = (typeof KINDS)[number];

/** The environment as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was chosen, and what the person should know about that. */
export interface Choice {
  readonly kind: Kind;
  readonly remark: string | undefined;
}

/**
 * What `SESSIONS` names; without it Redis if there is a `REDIS_URL`, PostgreSQL if there is a `DATABASE_URL`, else a file.
 * @throws Error when `SESSIONS` names nothing
 */
export function choose({ SESSIONS: wanted, REDIS_URL, DATABASE_URL }: Environment): Choice {
  if (wanted) {
    const kind = KINDS.find((one) => one === wanted);
    if (kind === undefined) throw new Error(`SESSIONS is one of ${KINDS.join(', ')}. Try: SESSIONS=jwt npm start`);
    return { kind, remark: undefined };
  }
  if (REDIS_URL && DATABASE_URL) {
    const remark =
      'REDIS_URL and DATABASE_URL are both set: Redis is used. For PostgreSQL instead: SESSIONS=postgres npm start';
    return { kind: 'redis', remark };
  }
  return { kind: REDIS_URL ? 'redis' : DATABASE_URL ? 'postgres' : 'sqlite', remark: undefined };
}
