/** The reason of an invalidation that was asked for with `forceInvalidate`. */
export const INVALIDATED = 'invalidated';

/** The reason of a revocation that made way for a newer credential of the same client. */
export const SUPERSEDED = 'superseded';
