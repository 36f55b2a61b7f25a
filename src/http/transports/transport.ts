import type { Exchange, Incoming } from '../exchange.js';

/** How long a client may keep its sid. */
export interface CredentialLife {
  /** When the session expires without further requests: ms timestamp, or Infinity. */
  readonly expires: number;
  /** Whether the client keeps it when the browser closes; `undefined`: according to the transport's options. */
  readonly persistent: boolean | undefined;
  /** The time of the response, ms timestamp. */
  readonly now: number;
  /** Whether the request came with this session: nobody signed in or out. */
  readonly isRenewal: boolean;
}

/** How many sids of one request are looked up (SECURITY.md, cookies and headers). Transports return one more if there are more. */
export const CANDIDATE_LIMIT = 4;

/** How sids travel between client and server. */
export interface Transport {
  /** The request header it reads, for `Vary`. */
  readonly varyOn: string;
  /** The sids that the request carries by this transport; `undefined` if it does not use it. */
  readSids(request: Incoming): readonly string[] | undefined;
  /** @throws SessionTooLarge when this transport cannot carry the sid */
  assertFits(request: Incoming, sid: string): void;
  /** Puts the sid on the response. @throws SessionTooLarge */
  send(exchange: Exchange, sid: string, life: CredentialLife): void;
  /** Makes the client forget its sid. */
  clear(exchange: Exchange): void;
}
