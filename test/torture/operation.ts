import { SessionAlreadyExists } from '../../src/errors.js';
import type { Retired, SessionRecord, Store, WriteOutcome } from '../../src/ports/store.js';

/** A write that concerns one session. */
export type WriteOfOne =
  | { readonly kind: 'create'; readonly record: SessionRecord; readonly replaces?: string }
  | { readonly kind: 'update'; readonly record: SessionRecord }
  | {
      readonly kind: 'touch';
      readonly id: string;
      readonly uid: string | null;
      readonly lastAccess: number;
      readonly expiresAt: number | null;
    }
  | { readonly kind: 'retire'; readonly version: number | null; readonly tombstone: Retired }
  | { readonly kind: 'delete'; readonly id: string };

/** A call of `deleteOfUser`. */
export interface EndOfSessions {
  readonly kind: 'deleteOfUser';
  readonly uid: string;
  readonly except?: string;
  readonly limit?: number;
  readonly tombstone?: Omit<Retired, 'id'>;
}

export type Operation = WriteOfOne | EndOfSessions;

/** What a write of one session answered; 'exists' stands for SessionAlreadyExists. */
export type ResultOfOne = WriteOutcome | 'exists' | boolean;

export type Result = ResultOfOne | readonly string[];

/** The session that a write concerns. */
export function idOf(operation: WriteOfOne): string {
  switch (operation.kind) {
    case 'create':
    case 'update':
      return operation.record.id;
    case 'retire':
      return operation.tombstone.id;
    default:
      return operation.id;
  }
}

/** @throws what the store throws, except SessionAlreadyExists */
export async function perform(store: Store, operation: Operation): Promise<Result> {
  switch (operation.kind) {
    case 'create':
      return create(store, operation.record, operation.replaces);
    case 'update':
      return store.update(operation.record);
    case 'touch':
      return store.touch(operation.id, operation.uid, operation.lastAccess, operation.expiresAt);
    case 'retire':
      return store.retire(operation.tombstone.id, operation.version, operation.tombstone);
    case 'delete':
      return store.delete(operation.id);
    case 'deleteOfUser': {
      const { uid, except, limit, tombstone } = operation;
      return store.deleteOfUser(uid, except, { limit, tombstone });
    }
  }
}

async function create(store: Store, record: SessionRecord, replaces?: string): Promise<Result> {
  try {
    await store.create(record, replaces);
    return 'ok';
  } catch (error) {
    if (error instanceof SessionAlreadyExists) return 'exists';
    throw error;
  }
}
