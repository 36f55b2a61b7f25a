import type { CaseBench } from './bench.js';

/** One behaviour of a store. */
export interface StoreCase {
  readonly title: string;
  readonly run: (bench: CaseBench) => Promise<void>;
  /** ms. Default 30,000. */
  readonly timeout?: number;
}

/** A group of behaviours: of one operation, or about one topic. */
export interface StoreCases {
  readonly title: string;
  readonly cases: readonly StoreCase[];
}

/** How much the largest cases store. */
export interface CaseSizes {
  readonly records: number;
  /** How many sessions of one user are listed and ended while the event loop must keep running. */
  readonly sessions: number;
  /** Bytes of the longest body. */
  readonly body: number;
  /** ms that each of these cases may take. */
  readonly timeout: number;
}
