/** The reason of an invalidation by `forceInvalidate`. */
export const INVALIDATED = 'invalidated';

/** The reason of a revocation by which a newer credential of the same client replaced this one. */
export const SUPERSEDED = 'superseded';
