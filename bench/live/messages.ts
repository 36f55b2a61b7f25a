/** What a server process is asked: for cookies of new sessions, for its memory, to broadcast, or to end all sessions. */
export type ServerCommand = { readonly cookies: number } | 'memory' | 'broadcast' | 'end';

/** Bytes after a collection of garbage. */
export interface MemoryUse {
  readonly rss: number;
  readonly heap: number;
}

/** What it took to write to every stream, in ms. */
export interface StreamsCost {
  readonly time: number;
  /** CPU of the user and of the system for it, collection of garbage included. */
  readonly cpu: number;
  /** The longest turn of the event loop. */
  readonly turn: number;
  /** The CPU of the turn that took most. */
  readonly turnCpu: number;
}

export type ServerAnswer = readonly string[] | MemoryUse | StreamsCost;

/** What a process of clients is asked: to open streams, one for each cookie header, or to wait for an event on each of them. */
export type ClientCommand = { readonly port: number; readonly cookies: readonly string[] } | { readonly port: number };
