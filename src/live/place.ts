/** How long a stream keeps its place from other clients that name no pages: ms. They come back within a few seconds. */
const UNDISPUTED = 10_000;

/** Which page asks for a stream. Only the page itself and the next one in its tab know its name, unlike the id of the tab. */
export interface Origin {
  /** `undefined` for a client that names no pages, such as an EventSource. */
  readonly page?: string | undefined;
  /** The page whose stream this one replaces. */
  readonly previous?: string | undefined;
}

/** A stream that has a place. */
export interface Placed {
  readonly page: string | undefined;
  /** ms timestamp. */
  readonly openedAt: number;
}

/**
 * Whether a stream replaces an earlier one with the same id of a tab, because the same page asks for it, or the next page of its tab.
 * Otherwise the tab is a copy. Two tabs that took each other's place would do so for ever.
 * @param earlier the page of the earlier stream
 */
export function replaces({ page, previous }: Origin, earlier: string | undefined): boolean {
  return earlier === page || (previous !== undefined && earlier === previous);
}

/**
 * Whether a client has just taken the place, and another one asks for it, neither of which names pages. They may be copies of a tab: each
 * comes back when it was cut, and would take the place from the other for ever.
 */
export function isDisputed({ page }: Origin, earlier: Placed, now: number): boolean {
  return page === undefined && earlier.page === undefined && now - earlier.openedAt < UNDISPUTED;
}
