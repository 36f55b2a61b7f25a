import { FieldsRule } from '../../lib/rules/fields.js';
import { type Cures, strictOptions } from '../../lib/strict-options.js';
import { wholeNumber } from '../../lib/whole-number.js';

/** How much a {@link MemoryStore} may hold. */
export interface MemoryStoreOptions {
  /**
   * The maximum number of sessions and tombstones. Each takes about 450 bytes besides its data. A session and its replacement during a
   * rotation count as one. Default: no limit; then anyone who can start sessions can fill the memory of the process.
   *
   * A full store evicts entries in this order, without an event:
   * 1. expired entries, among the next 64 entries;
   * 2. tombstones older than one minute, the oldest first;
   * 3. anonymous sessions, the oldest first, except those that are being rotated;
   * 4. younger tombstones, the oldest first.
   *
   * It never evicts sessions of users. When only those are left, `create` rejects with StoreFull. A rotation succeeds in a full store too,
   * unless the session that it replaces is gone: then `create` evicts nothing and rejects with StoreFull.
   */
  readonly maxSessions?: number | undefined;
}

const OPTIONS = new FieldsRule({
  maxSessions: wholeNumber(undefined, 1).optional(),
});

/** For names that other stores have. */
const CURES: Cures = {
  max: 'use maxSessions',
  ttl: 'set idleTimeout and absoluteTimeout of ServerSessionStorage',
  checkPeriod: 'set sweepInterval of ServerSessionStorage',
};

/** @throws TypeError naming the option that is wrong */
export function readMemoryStoreOptions(options: unknown): MemoryStoreOptions {
  return strictOptions('MemoryStore', OPTIONS, options, CURES);
}
