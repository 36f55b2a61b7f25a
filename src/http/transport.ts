import type { Exchange } from './exchange.js';

/** How long the client is to keep a credential. */
export interface Shelf {
  /** ms timestamp or Infinity: when the session ends if nothing happens. */
  readonly expires: number;
  /** false: the client forgets it when the browser closes. */
  readonly persistent: boolean;
  /** ms timestamp of this response. */
  readonly now: number;
}

/** How a sid travels between client and server. */
export interface Transport {
  /** The request header it reads, for `Vary`. */
  readonly varyOn: string;
  /** The sids that the request carries by this transport; `undefined` when the request does not use it at all. */
  read(exchange: Exchange): readonly string[] | undefined;
  /** Puts the sid on the response. @throws SessionTooLarge before anything is set. */
  send(exchange: Exchange, sid: string, shelf: Shelf): void;
  /** Tells the client to forget its sid. */
  expire(exchange: Exchange): void;
}
