/** The attributes of a session by name, as `get` gives them. */
export interface SessionAttributes<Data, User> {
  readonly id: string;
  readonly lineage: string;
  readonly sessionData: Data;
  readonly uid: string | undefined;
  readonly userData: Partial<User>;
  readonly created: number;
  readonly lastAccess: number;
  readonly lastUpdate: number;
  readonly authenticatedAt: number | undefined;
  readonly info: Readonly<Record<string, unknown>>;
}

/** Their names. */
export const ATTRIBUTES: ReadonlySet<string> = new Set<keyof SessionAttributes<unknown, unknown>>([
  'id',
  'lineage',
  'sessionData',
  'uid',
  'userData',
  'created',
  'lastAccess',
  'lastUpdate',
  'authenticatedAt',
  'info',
]);

/** How the attributes that `set` refuses change instead. */
const OTHER_WAYS: ReadonlyMap<string, string> = new Map([
  ['uid', 'setUser(user)'],
  ['id', 'rotate()'],
  ['lineage', 'setUser(user) with another user'],
  ['lastUpdate', 'save()'],
  ['lastAccess', 'save()'],
  ['created', 'setUser(user) with another user'],
  ['authenticatedAt', 'setUser(user)'],
  ['info', 'session.info = {...}'],
]);

/** @throws TypeError unless `set` may set it, saying how it changes instead */
export function refuseToSet(name: string): void {
  if (name === 'sessionData' || name === 'userData') return;
  const way = OTHER_WAYS.get(name);
  throw new TypeError(
    way === undefined
      ? `a session has no attribute ${JSON.stringify(name)}: set sessionData or userData`
      : `${name} is not set directly: it changes by ${way}`,
  );
}
