/**
 * The events of a stream, as a browser receives them. The set is closed. The data of each event is one line of JSON.
 *
 * @module
 */

/** The first event of a stream. */
export interface OpenEvent {
  readonly type: 'open';
  readonly data: {
    /** The instance id of the tab. It differs from the requested one if another tab uses that. */
    readonly instance: string;
    /** Differs from that of the last stream if the browser has another session now. It is no credential. */
    readonly session: string;
    /** Whether missed events follow. `null` for a first connection; `false` if some events may be lost. */
    readonly replayed: boolean | null;
  };
}

/** Markup for the page: each root replaces the element with its id. */
export interface HtmlEvent {
  readonly type: 'html';
  readonly data: { readonly html: string };
}

/** The page must go to a path of its own origin. */
export interface PathEvent {
  readonly type: 'path';
  readonly data: { readonly path: string };
}

/** The page must reload. */
export interface ReloadEvent {
  readonly type: 'reload';
  readonly data: Readonly<Record<string, never>>;
}

/** A cookie is ready. The client gets it once, by a POST with the header `X-Session-Claim`. */
export interface CookieEvent {
  readonly type: 'cookie';
  readonly data: { readonly claim: string };
}

/** A message of the application. */
export interface MessageEvent {
  readonly type: 'message';
  readonly data: { readonly name: string; readonly data: unknown };
}

/** Some events may be lost. The stream goes on. */
export interface MissedEvent {
  readonly type: 'missed';
  readonly data: Readonly<Record<string, never>>;
}

/** The stream ends. The client must connect again. */
export interface ReconnectEvent {
  readonly type: 'reconnect';
  readonly data: { readonly reason: string };
}

/** The session is over, and so is the stream. The client must not connect again with it. */
export interface EndEvent {
  readonly type: 'end';
  readonly data: { readonly reason: string };
}

/** An event of a stream. */
export type WireEvent =
  | OpenEvent
  | HtmlEvent
  | PathEvent
  | ReloadEvent
  | CookieEvent
  | MessageEvent
  | MissedEvent
  | ReconnectEvent
  | EndEvent;
