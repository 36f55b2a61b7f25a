/** What survives; see `SqliteStoreOptions.durability`. */
export type Durability = 'crash' | 'ends' | 'power';

/** Whether a commit waits until the disk has it. In WAL mode without that, only a power loss or a crash of the system can undo it. */
const WAITS = 'PRAGMA synchronous = FULL';
const DOES_NOT_WAIT = 'PRAGMA synchronous = NORMAL';

/** The setting of a connection at rest. */
export function settingOf(durability: Durability): string {
  return durability === 'power' ? WAITS : DOES_NOT_WAIT;
}

/** Runs the end of a session as durably as was asked for. The disk then has all earlier writes too. */
export function durably<Result>(
  database: { exec(sql: string): unknown },
  durability: Durability,
  work: () => Result,
): Result {
  if (durability !== 'ends') return work();
  database.exec(WAITS);
  try {
    return work();
  } finally {
    database.exec(DOES_NOT_WAIT);
  }
}

/** The setting is the connection's: it cannot be one thing to one store and something else to another. */
const durabilities = new WeakMap<object, Durability>();

/** @throws TypeError when another store on the same connection has another durability */
export function claimDurability(database: object, durability: Durability): void {
  const other = durabilities.get(database) ?? durability;
  if (other !== durability) {
    throw new TypeError(
      `SqliteStore: option durability: another store on this database has '${other}': open the file once more for this one`,
    );
  }
  durabilities.set(database, durability);
}
