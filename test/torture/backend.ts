import type { Address } from './open-store.js';
import type { Random } from './random.js';

/** Something bad that can happen to a server. */
export interface Fault {
  readonly name: string;
  /** Resolves when the server is there again. */
  run(random: Random): Promise<void>;
}

/** What the check has seen in the store. */
export interface Expected {
  /** Entries that have not expired. */
  readonly entries: number;
  /** Entries that had not expired two minutes ago, which a server that removes them by itself may still have. */
  readonly recent: number;
  /** Users, past ones too. */
  readonly users: number;
  readonly now: number;
}

/** What was found in the files of a store, or in its server. */
export interface Inspection {
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, string | number>>;
}

/** Where a store keeps its sessions, for one torture. */
export interface Backend {
  readonly name: string;
  /** A way to it; there may be several. */
  address(random: Random): Address;
  readonly faults: readonly Fault[];
  /** ms until what killed processes have sent has happened. */
  readonly settling: number;
  /** Takes measurements while the torture runs. */
  sample(): void;
  /** Looks into it when all expired entries have been swept and no other process uses it. */
  inspect(expected: Expected): Promise<Inspection>;
  stop(): Promise<void>;
}
