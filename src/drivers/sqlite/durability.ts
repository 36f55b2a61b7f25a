/** Which writes survive a power loss; see `SqliteStoreOptions.durability`. */
export type Durability = 'crash' | 'ends' | 'power';

/** Whether a commit waits for the disk. Without that, in WAL mode, only a power loss or a crash of the operating system can undo it. */
const WAITS = 'PRAGMA synchronous = FULL';
const DOES_NOT_WAIT = 'PRAGMA synchronous = NORMAL';

/** The setting of a connection between operations. */
export function settingOf(durability: Durability): string {
  return durability === 'power' ? WAITS : DOES_NOT_WAIT;
}

/** Runs the end of a session as durably as the option says. The disk then has all earlier writes too. */
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

/** The setting belongs to the connection: a store and a log on one connection cannot have different durabilities. */
const durabilities = new WeakMap<object, Durability>();

/** @throws TypeError when a store or a log on the same connection has another durability */
export function claimDurability(database: object, durability: Durability, owner: string): void {
  const other = durabilities.get(database) ?? durability;
  if (other !== durability) {
    throw new TypeError(
      `${owner}: option durability: another store or log on this database has '${other}': open the file once more for this one`,
    );
  }
  durabilities.set(database, durability);
}
