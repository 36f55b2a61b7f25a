import type { AdapterBench, SessionKind } from './bench.js';

export const ADAPTER_FEATURES = ['content-length', 'loopback', 'sub-applications', 'trusted-proxy'] as const;

/** What not every server does. */
export type AdapterFeature = (typeof ADAPTER_FEATURES)[number];

/** One behaviour of an adapter. */
export interface AdapterCase {
  readonly title: string;
  readonly run: (bench: AdapterBench) => Promise<void>;
  /** Default: all. */
  readonly kind?: SessionKind;
  /** Whether it moves the clock further than a revocation log may be silent. */
  readonly outlastsLog?: true;
  /** Whether it is about connections of HTTP/1.1. */
  readonly isOfConnections?: true;
  readonly needs?: AdapterFeature;
}

/** Behaviours that belong together. */
export interface AdapterCases {
  readonly title: string;
  readonly cases: readonly AdapterCase[];
}
