import type { Exchange, Incoming } from '../exchange.js';

/** How long a client may keep its sid. */
export interface CredentialLife {
  /** ms timestamp or Infinity: when the session ends if nothing happens. */
  readonly expires: number;
  /** Whether the client keeps it when the browser closes; `undefined` = as the transport's options say. */
  readonly persistent: boolean | undefined;
  /** ms timestamp of this response. */
  readonly now: number;
}

/** How many sids of one request are looked up (SECURITY.md, cookies and headers). Transports return one more if there are more. */
export const CANDIDATE_LIMIT = 4;

/** How a sid travels between client and server. */
export interface Transport {
  /** The request header it reads, for `Vary`. */
  readonly varyOn: string;
  /** The sids that the request carries by this transport; `undefined` when the request does not use it at all. */
  readSids(request: Incoming): readonly string[] | undefined;
  /** @throws SessionTooLarge when this transport cannot carry the sid */
  assertFits(request: Incoming, sid: string): void;
  /** Puts the sid on the response. @throws SessionTooLarge */
  send(exchange: Exchange, sid: string, life: CredentialLife): void;
  /** Makes the client forget its sid. */
  clear(exchange: Exchange): void;
}
