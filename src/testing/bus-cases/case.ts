import type { BusBench } from './bench.js';

/** One behaviour of a bus. */
export interface BusCase {
  readonly title: string;
  readonly run: (bench: BusBench) => Promise<void>;
}

/** A group of behaviours: of one operation, or about one topic. */
export interface BusCases {
  readonly title: string;
  readonly cases: readonly BusCase[];
}
