import { do_not_optimize as sink } from 'mitata';
import { type Contender, pairedRounds } from '../harness/paired-rounds.js';
import type { Rounds } from '../harness/rounds.js';
import { signers, verifiers } from './peers.js';
import { type SampleData, sampleData, sampleSecret, sampleUser } from './sample-session.js';
import { getAndReadData, getAndReadUid, listOf, mintTokens, storageWith } from './storages.js';
import { TokenBytes } from './token-bytes.js';

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  readonly warmup: number;
  readonly revocations: number;
}

const HOT_TOKENS = 2000;
const PASSES = 2;
const NEW_TOKENS = 2000;

export const OURS_UID = 'storage.get, uid read';
export const OURS_DATA = 'storage.get, sessionData read';
export const NOTHING_REVOKED: string = `${OURS_UID}, nothing revoked`;
export const OURS_CREATE = 'create().forClient()';

/** Every token was seen before: 2,000 that come again and again. */
export async function warmTable({ rounds, warmup, revocations }: Effort): Promise<Rounds> {
  const secret = sampleSecret();
  const hot = new TokenBytes(mintTokens(storageWith(secret), HOT_TOKENS));
  const list = await listOf(revocations);
  const contenders = [
    ...verifiers(secret),
    getAndReadUid(OURS_UID, storageWith(secret)),
    getAndReadData(OURS_DATA, storageWith(secret)),
    getAndReadUid(`${OURS_UID}, ${count(revocations)} revoked`, storageWith(secret, { revocations: list })),
  ];
  return await pairedRounds({ contenders, prepare: () => () => hot.fresh(PASSES), rounds, warmup });
}

/** No token was ever seen before by who verifies it. */
export async function coldTable({ rounds, warmup, revocations }: Effort): Promise<Rounds> {
  const secret = sampleSecret();
  const issuer = storageWith(secret);
  const empty = await listOf(0);
  const full = await listOf(revocations);
  const contenders = [
    ...verifiers(secret),
    getAndReadUid(OURS_UID, storageWith(secret)),
    getAndReadData(OURS_DATA, storageWith(secret)),
    getAndReadUid(`${OURS_UID}, no cache`, storageWith(secret, { cacheSize: 0 })),
    getAndReadUid(NOTHING_REVOKED, storageWith(secret, { revocations: empty })),
    getAndReadUid(`${OURS_UID}, ${count(revocations)} revoked`, storageWith(secret, { revocations: full })),
  ];
  const prepare = () => {
    const tokens = new TokenBytes(mintTokens(issuer, NEW_TOKENS));
    return () => tokens.fresh();
  };
  return await pairedRounds({ contenders, prepare, rounds, warmup });
}

/** A token for a new session. */
export async function createTable({ rounds, warmup }: Effort): Promise<Rounds> {
  const secret = sampleSecret();
  const storage = storageWith(secret);
  const data = Array.from({ length: NEW_TOKENS }, (_, index) => sampleData(index));
  const user = sampleUser(1);
  const contenders: Contender<SampleData>[] = [
    ...signers(secret),
    {
      name: OURS_CREATE,
      run: (inputs) => {
        for (const one of inputs) sink(storage.create(one).forClient());
      },
    },
    {
      name: 'create().setUser().forClient()',
      run: (inputs) => {
        for (const one of inputs) sink(storage.create(one).setUser('user-1', user).forClient());
      },
    },
  ];
  return await pairedRounds({ contenders, prepare: () => () => data, rounds, warmup });
}

/** Such as `1,000,000`. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}
