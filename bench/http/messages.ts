/** What a request does with its session: reads it, or writes one key. */
export type Kind = 'look' | 'change';

export const KINDS: readonly Kind[] = ['look', 'change'];

/** What a server process is asked: for the CPU time that it has used so far, or for the bytes in use, see `bytesInUse`. */
export type ServerCommand = 'cpu' | 'bytes';

/** µs, collection of garbage included. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** What the process of clients is asked: to sign in at a server, or to load it for so many ms. */
export type ClientCommand =
  | { readonly signIn: number }
  | { readonly load: number; readonly kind: Kind; readonly ms: number };

/** What a server answered while it was under load. */
export interface LoadResult {
  readonly requests: number;
  readonly ms: number;
}
