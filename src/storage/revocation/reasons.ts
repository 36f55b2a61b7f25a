/** The reason of an invalidation by `forceInvalidate`. */
export const INVALIDATED = 'invalidated';

/** The reason of a revocation by which a newer credential of the same client replaced this one. */
export const SUPERSEDED = 'superseded';

/** The reason of the end of a session whose replaced sid was used again: see `onReuse`. */
export const REUSED = 'reused';

/** The reason of the end of a session that could not be registered, or was too many: its token was not sent. */
export const NOT_SENT = 'not sent';
