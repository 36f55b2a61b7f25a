import type { Exchange, Incoming } from '../exchange.js';

/** How long the client is to keep a credential. */
export interface Shelf {
  /** ms timestamp or Infinity: when the session ends if nothing happens. */
  readonly expires: number;
  /** Whether it outlives the browser; `undefined` = as the transport's options say. */
  readonly persistent: boolean | undefined;
  /** ms timestamp of this response. */
  readonly now: number;
}

/** How many sids of one request are looked at (SECURITY.md, cookies and headers); transports give one more to tell of the rest. */
export const CANDIDATE_LIMIT = 4;

/** How a sid travels between client and server. */
export interface Transport {
  /** The request header it reads, for `Vary`. */
  readonly varyOn: string;
  /** The sids that the request carries by this transport; `undefined` when the request does not use it at all. */
  read(request: Incoming): readonly string[] | undefined;
  /** @throws SessionTooLarge when it cannot carry this sid */
  admit(request: Incoming, sid: string): void;
  /** Puts an admitted sid on the response. */
  send(exchange: Exchange, sid: string, shelf: Shelf): void;
  /** Tells the client to forget its sid. */
  expire(exchange: Exchange): void;
}
