import type { CaseBench } from './bench.js';

/** One behaviour of a store. */
export interface StoreCase {
  readonly title: string;
  readonly run: (bench: CaseBench) => Promise<void>;
  /** ms. Default 30,000. */
  readonly timeout?: number;
}

/** The behaviours of one operation, or of all of them under one aspect. */
export interface StoreCases {
  readonly title: string;
  readonly cases: readonly StoreCase[];
}

/** How much the cases of size store. */
export interface CaseSizes {
  readonly records: number;
  /** How many sessions a user has that are listed and ended while the loop goes on. */
  readonly sessions: number;
  /** Bytes of the longest body. */
  readonly body: number;
  /** ms that each of these cases may take. */
  readonly timeout: number;
}
