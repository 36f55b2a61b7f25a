import { OTHER_WAYS } from './other-ways.js';

/** The attributes that `get` returns, by name. */
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

/** @throws TypeError unless `set` accepts this name */
export function refuseToSet(name: string): void {
  if (name === 'sessionData' || name === 'userData') return;
  const way = name === 'info' ? 'assign to session.info' : OTHER_WAYS.get(name);
  throw new TypeError(
    way === undefined
      ? `set: a session has no attribute ${JSON.stringify(name)}: set sessionData or userData`
      : `set: ${name} cannot be set: ${way}`,
  );
}
