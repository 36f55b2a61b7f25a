import type { RevocationLogBench } from './bench.js';

/** One behaviour of a revocation log. */
export interface RevocationLogCase {
  readonly title: string;
  readonly run: (bench: RevocationLogBench) => Promise<void>;
}

/** A group of behaviours: of one operation, or about one topic. */
export interface RevocationLogCases {
  readonly title: string;
  readonly cases: readonly RevocationLogCase[];
}
