import type { ExpiredReason } from '../errors.js';

/** The times that timeouts count from: ms timestamps. */
export interface Timestamps {
  readonly lastAccess: number;
  readonly lastUpdate: number;
  readonly created: number;
}

/** For each timestamp, how long a session lives after it, in ms; `null` = no limit. */
export type Bounds = { readonly [Instant in keyof Timestamps]: number | null };

/** The limits and the resolution in effect, in ms. See the options of the storages. */
export interface Expiry extends Bounds {
  readonly timeoutResolution: number;
}

/** A session's own timeouts in ms, in place of the storage's; `null` = no limit. See `setLifetime`. */
export interface Lifetime {
  readonly idleTimeout?: number | null;
  readonly absoluteTimeout?: number | null;
  /** Whether the client keeps the cookie when the browser closes. Default: the cookie options decide. */
  readonly persistent?: boolean;
}

/** The options of a storage that limit the lifetime of sessions. */
export interface ExpiryOptions {
  readonly timeToLive: number;
  readonly ttlType: keyof Timestamps;
  readonly idleTimeout: number | null;
  readonly absoluteTimeout: number | null;
}

const REASONS: readonly (readonly [keyof Timestamps, ExpiredReason])[] = [
  ['lastAccess', 'idle'],
  ['lastUpdate', 'update'],
  ['created', 'absolute'],
];

/** The longest timeout of `setLifetime`: 400 days, the longest that browsers keep a cookie (RFC 6265bis 5.5). */
export const LONGEST_LIFE: number = 400 * 24 * 60 * 60 * 1000;

const LONGEST_RESOLUTION = 10 * 60 * 1000;

/** Combines a storage's timeouts; a `timeToLive` of 0 sets no limit. */
export function boundsOf(options: ExpiryOptions): Bounds {
  const own = (instant: keyof Timestamps, timeout: number | null): number | null => {
    const ttl = options.timeToLive > 0 && options.ttlType === instant ? options.timeToLive : null;
    return shorter(ttl, timeout);
  };
  return Object.freeze({
    lastAccess: own('lastAccess', options.idleTimeout),
    lastUpdate: own('lastUpdate', null),
    created: own('created', options.absoluteTimeout),
  });
}

/** The limits of one session: its own where it has any, otherwise the storage's. */
export function withLifetime(bounds: Bounds, life: Lifetime | undefined): Bounds {
  if (life === undefined) return bounds;
  return {
    lastAccess: life.idleTimeout === undefined ? bounds.lastAccess : life.idleTimeout,
    lastUpdate: bounds.lastUpdate,
    created: life.absoluteTimeout === undefined ? bounds.created : life.absoluteTimeout,
  };
}

/** When the earliest limit is reached: ms timestamp, or `Infinity`. At that millisecond the session has expired. */
export function expiryOf(bounds: Bounds, times: Timestamps): number {
  let earliest = Number.POSITIVE_INFINITY;
  if (bounds.lastAccess !== null) earliest = times.lastAccess + bounds.lastAccess;
  if (bounds.lastUpdate !== null) earliest = Math.min(earliest, times.lastUpdate + bounds.lastUpdate);
  if (bounds.created !== null) earliest = Math.min(earliest, times.created + bounds.created);
  return earliest;
}

/** Like `expiryOf`, for a session that may have its own timeouts. */
export function endOf(bounds: Bounds, session: Timestamps & { readonly life: Lifetime | undefined }): number {
  return expiryOf(withLifetime(bounds, session.life), session);
}

/** The limit that `expiryOf` found. */
export function expiredReason(bounds: Bounds, times: Timestamps): ExpiredReason {
  const earliest = expiryOf(bounds, times);
  const found = REASONS.find(([instant]) => times[instant] + (bounds[instant] ?? Number.NaN) === earliest);
  return found?.[1] ?? 'absolute';
}

/** The longest that a session written now can live, in ms; `null` = no limit. */
export function longestLife(bounds: Bounds): number | null {
  return shorter(bounds.lastAccess, shorter(bounds.lastUpdate, bounds.created));
}

/** The default of `timeoutResolution`: a tenth of the limit that counts from `lastAccess`, at most 10 minutes. */
export function defaultResolution(bounds: Bounds): number {
  return Math.min(LONGEST_RESOLUTION, Math.floor((bounds.lastAccess ?? Number.POSITIVE_INFINITY) / 10));
}

/**
 * Whether the `lastAccess` in a token or record is old enough to be written again. It is after `resolution` ms, or
 * after a tenth of the session's own idle timeout if that is less.
 */
export function isTouchDue(
  resolution: number,
  { lastAccess, life }: { readonly lastAccess: number; readonly life: Lifetime | undefined },
  written: number,
): boolean {
  const age = lastAccess - written;
  if (age <= 0) return false;
  const ownIdle = life?.idleTimeout;
  return age >= (typeof ownIdle === 'number' ? Math.min(resolution, ownIdle / 10) : resolution);
}

function shorter(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
