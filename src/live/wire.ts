/**
 * The events of a stream as a browser receives them. The set is closed, and the data of each is one line of JSON. So nothing that an
 * application, a user or an attacker writes can end an event or begin another one (WHATWG HTML 9.2.5 and 9.2.6).
 *
 * @module
 */

/** The first event of a stream. */
export interface OpenEvent {
  readonly type: 'open';
  readonly data: {
    /** The tab's instance id. It differs from the one asked for if another tab has that. */
    readonly instance: string;
    /** Whether what was missed follows; false: some of it may be lost. `null` for a first connection. */
    readonly replayed: boolean | null;
  };
}

/** Markup for the page: each root replaces the element with its id. */
export interface HtmlEvent {
  readonly type: 'html';
  readonly data: { readonly html: string };
}

/** The page is to go to a path of its own origin. */
export interface PathEvent {
  readonly type: 'path';
  readonly data: { readonly path: string };
}

/** The page is to load anew. */
export interface ReloadEvent {
  readonly type: 'reload';
  readonly data: Readonly<Record<string, never>>;
}

/** A cookie is ready. The client fetches it by a POST with the header `X-Session-Claim`, once. */
export interface CookieEvent {
  readonly type: 'cookie';
  readonly data: { readonly claim: string };
}

/** A message of the application. */
export interface MessageEvent {
  readonly type: 'message';
  readonly data: { readonly name: string; readonly data: unknown };
}

/** Some events may be lost, because the bus was away. The stream goes on. */
export interface MissedEvent {
  readonly type: 'missed';
  readonly data: Readonly<Record<string, never>>;
}

/** The stream ends. The client is to connect again. */
export interface ReconnectEvent {
  readonly type: 'reconnect';
  readonly data: { readonly reason: string };
}

/** The session is over, and so is the stream. The client is not to connect again with it. */
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

/** The fields of an event beside its type and data. */
export interface Framing {
  /** What the client sends back as Last-Event-ID: characters of `A-Z a-z 0-9 . _ ~ -`. */
  readonly id?: string | undefined;
  /** How long the client waits before it connects again: whole ms. */
  readonly retry?: number | undefined;
}

/** The data of an event as they travel, in one line. */
export function dataOf({ data }: WireEvent): string {
  return JSON.stringify(data);
}

/** The bytes of an event. `data` is JSON in one line. */
export function frame(type: WireEvent['type'], data: string, { id, retry }: Framing = {}): Buffer {
  const fields = [
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${type}`,
    `data: ${data}`,
  ];
  return Buffer.from(`${fields.join('\n')}\n\n`);
}
