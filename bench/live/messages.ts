/** What a server process is asked: for cookies of new sessions, for its memory, or to broadcast. */
export type ServerCommand = { readonly cookies: number } | 'memory' | 'broadcast';

/** Bytes after a collection of garbage. */
export interface MemoryUse {
  readonly rss: number;
  readonly heap: number;
}

/** What a broadcast took until everything was written, in ms. */
export interface BroadcastCost {
  readonly time: number;
  /** CPU of the user and of the system for it, collection of garbage included. */
  readonly cpu: number;
  /** The longest turn of the event loop. */
  readonly turn: number;
  /** The CPU of the turn that took most. */
  readonly turnCpu: number;
}

export type ServerAnswer = readonly string[] | MemoryUse | BroadcastCost;

/** What a process of clients is asked: to open streams, one for each cookie header, or to wait for an event on each of them. */
export type ClientCommand = { readonly port: number; readonly cookies: readonly string[] } | { readonly port: number };
