import { z } from 'zod';
import type { ExpiredReason } from '../errors.js';
import { isPlainObject } from '../lib/json.js';
import { type Bounds, expiredReason, expiryOf, type Lifetime, withLifetime } from '../session/expiry.js';
import { isLifetime } from '../session/lifetime.js';
import { duration } from './show.js';

/** The timestamps in a token's claims, ms; `undefined` where there is none, or no number. */
export interface Instants {
  readonly created: number | undefined;
  readonly lastAccess: number | undefined;
  readonly lastUpdate: number | undefined;
}

/** When a session expires if it is not used again, and which bound expires it. */
export interface End {
  /** ms timestamp, or Infinity. */
  readonly at: number;
  /** The bound that is reached first, or 'exp' when the token's own `exp` is earlier; `undefined` = never. */
  readonly by: ExpiredReason | 'exp' | undefined;
  /** That bound, ms; `undefined` with 'exp' and never. */
  readonly bound: number | undefined;
}

const INSTANT_OF = { idle: 'lastAccess', update: 'lastUpdate', absolute: 'created' } as const;

const time = z.int().min(0).optional().catch(undefined);
const CLAIMS = z.object({ created: time, luat: time, lmat: time });
const LIMITS = z.object({
  exp: z.number().min(0).optional(),
  life: z.custom<Lifetime>((value) => isPlainObject(value) && isLifetime(value)).optional(),
});

/** Reads the timestamps that are there. */
export function instantsOf(claims: unknown): Instants {
  const { data } = CLAIMS.safeParse(claims);
  return { created: data?.created, lastAccess: data?.luat, lastUpdate: data?.lmat };
}

/** When the session of these claims expires; `undefined` when they are not the claims of a session. */
export function endFromClaims(claims: unknown, bounds: Bounds): End | undefined {
  const { created, lastAccess, lastUpdate } = instantsOf(claims);
  const limits = LIMITS.safeParse(claims);
  if (created === undefined || lastAccess === undefined || lastUpdate === undefined || !limits.success)
    return undefined;
  const times = { created, lastAccess, lastUpdate };
  const { exp, life } = limits.data;
  const own = withLifetime(bounds, life);
  const at = expiryOf(own, times);
  const expires = exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000;
  if (expires < at) return { at: expires, by: 'exp', bound: undefined };
  if (at === Number.POSITIVE_INFINITY) return { at, by: undefined, bound: undefined };
  const by = expiredReason(own, times);
  return { at, by, bound: own[INSTANT_OF[by]] ?? undefined };
}

/** What expires the session, in words. */
export function causeOf({ by, bound = 0 }: End): string {
  if (by === undefined) return 'because no bound is set';
  if (by === 'exp') return 'at its exp claim';
  return `${duration(bound)} after its ${INSTANT_OF[by]}`;
}
