import { do_not_optimize as sink } from 'mitata';
import { type NewRevocation, RevocationList, SessionStorage } from 'sessions-jwt';
import type { Contender } from '../harness/paired-rounds.js';
import { type SampleData, type SampleUser, sampleData, sampleUser } from './sample-session.js';

/** A storage of the measured sessions. */
export type SampleStorage = SessionStorage<SampleData, SampleUser>;

const DAY = 86_400_000;

export function storageWith(
  secret: Buffer,
  more: { readonly revocations?: RevocationList; readonly cacheSize?: number } = {},
): SampleStorage {
  return new SessionStorage<SampleData, SampleUser>({ jwtSecret: secret, ...more });
}

/** Tokens of signed-in sessions. */
export function mintTokens(storage: SampleStorage, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    storage.create(sampleData(index)).setUser(`user-${index}`, sampleUser(index)).forClient(),
  );
}

/** A list of `count` sessions that signed out, none of them among the measured ones. */
export async function listOf(count: number): Promise<RevocationList> {
  const list = new RevocationList();
  await list.add(revocationsOf(count));
  return list;
}

/** Revocations of `count` sessions, numbered from `first` on. */
export function revocationsOf(count: number, first = 0): NewRevocation[] {
  const at = Date.now();
  return Array.from({ length: count }, (_, index) => {
    const lineage = `signed-out-${(first + index).toString(36).padStart(13, '0')}`;
    return { at: at - DAY, until: at + DAY, reason: 'signed out', match: { lineage } };
  });
}

/** `storage.get`, and only the user's id looked at. */
export function getAndReadUid(name: string, storage: SampleStorage): Contender<string> {
  return {
    name,
    run: (tokens) => {
      for (const token of tokens) sink(storage.get(token).uid);
    },
  };
}

/** `storage.get`, and sessionData read, which makes the application's own copy of it. */
export function getAndReadData(name: string, storage: SampleStorage): Contender<string> {
  return {
    name,
    run: (tokens) => {
      for (const token of tokens) sink(storage.get(token).sessionData);
    },
  };
}
