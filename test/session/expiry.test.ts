import { expect } from 'chai';
import fc from 'fast-check';
import type { ExpiredReason, SessionStorage } from '../../src/index.js';
import {
  type Bounds,
  boundsOf,
  defaultResolution,
  type ExpiryOptions,
  expiredReason,
  expiryOf,
  type Lifetime,
  longestLife,
  type Timestamps,
  withLifetime,
} from '../../src/session/expiry.js';
import { openingOf } from '../support/outcomes.js';
import { bench } from '../support/sessions.js';
import { NOW } from '../support/token-fixtures.js';

/** The rules of expiry once more, as a plain list of (instant, time to live). */
function modelExpiry(options: ExpiryOptions, life: Lifetime, times: Timestamps): number {
  const ttl = options.timeToLive === 0 ? null : options.timeToLive;
  const rules: [keyof Timestamps, number | null][] = [
    ['lastAccess', options.ttlType === 'lastAccess' ? ttl : null],
    ['lastAccess', options.idleTimeout],
    ['lastUpdate', options.ttlType === 'lastUpdate' ? ttl : null],
    ['created', options.ttlType === 'created' ? ttl : null],
    ['created', options.absoluteTimeout],
  ];
  const replaced = { lastAccess: 'idleTimeout' in life, lastUpdate: false, created: 'absoluteTimeout' in life };
  const own = rules.filter(([instant]) => !replaced[instant]);
  if ('idleTimeout' in life) own.push(['lastAccess', life.idleTimeout ?? null]);
  if ('absoluteTimeout' in life) own.push(['created', life.absoluteTimeout ?? null]);
  return Math.min(Infinity, ...own.flatMap(([instant, ms]) => (ms === null ? [] : [times[instant] + ms])));
}

const ms = fc.integer({ min: 1, max: 5000 });
const timeout = fc.oneof(fc.constant(null), ms);
const rules: fc.Arbitrary<ExpiryOptions> = fc.record({
  timeToLive: fc.oneof(fc.constant(0), ms),
  ttlType: fc.constantFrom('lastAccess', 'lastUpdate', 'created'),
  idleTimeout: timeout,
  absoluteTimeout: timeout,
});
const lifetime: fc.Arbitrary<Lifetime> = fc.record(
  { idleTimeout: timeout, absoluteTimeout: timeout },
  { requiredKeys: [] },
);
const instants: fc.Arbitrary<Timestamps> = fc
  .tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 0, max: 10_000 })))
  .map(([lastAccess = 0, lastUpdate = 0, created = 0]) => ({ lastAccess, lastUpdate, created }));

describe('expiryOf', () => {
  it('agrees with the model for any rules, own lifetime and instants', () => {
    fc.assert(
      fc.property(rules, lifetime, instants, (options, life, times) => {
        expect(expiryOf(withLifetime(boundsOf(options), life), times)).to.equal(modelExpiry(options, life, times));
      }),
      { numRuns: 500 },
    );
  });

  it('is reached by the bound that expiredReason names', () => {
    const counted: Record<ExpiredReason, keyof Timestamps> = {
      idle: 'lastAccess',
      update: 'lastUpdate',
      absolute: 'created',
    };
    fc.assert(
      fc.property(rules, instants, (options, times) => {
        const bounds = boundsOf(options);
        const earliest = expiryOf(bounds, times);
        fc.pre(earliest !== Infinity);
        const instant = counted[expiredReason(bounds, times)];
        expect(times[instant] + (bounds[instant] ?? Number.NaN)).to.equal(earliest);
      }),
    );
  });
});

describe('longestLife', () => {
  it('is never less than what is left of a session whose instants are no later than now', () => {
    fc.assert(
      fc.property(rules, instants, (options, times) => {
        const bounds = boundsOf(options);
        const now = Math.max(times.lastAccess, times.lastUpdate, times.created);
        const left = expiryOf(bounds, times) - now;
        expect(left).to.be.at.most(longestLife(bounds) ?? Infinity);
      }),
    );
  });

  it('is what a session touched, saved and created now has left', () => {
    const bounds: Bounds = { lastAccess: 5, lastUpdate: null, created: 7 };
    expect(longestLife(bounds)).to.equal(5);
    expect(longestLife({ lastAccess: null, lastUpdate: null, created: null })).to.equal(null);
  });
});

describe('defaultResolution', () => {
  it('is a tenth of the bound that lastAccess feeds, 10 minutes at most, and 10 minutes without one', () => {
    const bounds = (lastAccess: number | null): Bounds => ({ lastAccess, lastUpdate: 1, created: 1 });
    expect(defaultResolution(bounds(60_000))).to.equal(6000);
    expect(defaultResolution(bounds(9))).to.equal(0);
    expect(defaultResolution(bounds(6_000_000))).to.equal(600_000);
    expect(defaultResolution(bounds(604_800_000))).to.equal(600_000);
    expect(defaultResolution(bounds(null))).to.equal(600_000);
  });
});

type Step = { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'save' | 'sign-in' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -3000, max: 3000 }) }),
  fc.record({ kind: fc.constantFrom('save' as const, 'sign-in' as const) }),
);

describe('Session expiry and SessionStorage.get', () => {
  it('agree with the model for any rules and any clock, backwards too, at the exact millisecond', () => {
    fc.assert(
      fc.property(rules, lifetime, fc.array(step, { maxLength: 8 }), (options, life, steps) => {
        // A life without end is refused where the storage's bounds give one.
        const born = { created: NOW, lastAccess: NOW, lastUpdate: NOW };
        fc.pre(modelExpiry(options, life, born) < Infinity || modelExpiry(options, {}, born) === Infinity);
        // A clock that goes back within the skew only: what lies further ahead is no session at all.
        const { clock, storage } = bench({ ...options, timeoutResolution: 0, clockSkew: 300_000, cacheSize: 0 });
        const session = storage.create().setLifetime(life);
        const times = { created: NOW, lastAccess: NOW, lastUpdate: NOW };
        // What setLifetime gave goes with the user it was given to; a session without one keeps it for the first.
        let own = life;
        let isSignedIn = false;
        for (const [index, one] of steps.entries()) {
          if (one.kind === 'wait') {
            clock.set(clock.now() + one.ms);
          } else {
            const now = clock.now();
            Object.assign(times, { lastAccess: now, lastUpdate: now });
            if (one.kind === 'sign-in') times.created = now;
            if (one.kind === 'sign-in') session.setUser(index);
            else session.save();
            if (one.kind === 'sign-in' && isSignedIn) own = {};
            isSignedIn ||= one.kind === 'sign-in';
          }
          const present = clock.now();
          const expected = modelExpiry(options, own, times);
          expect(session.getExpiry()).to.equal(expected);
          const sid = session.forClient();
          for (const at of [present, expected - 1, expected, expected + 1].filter(Number.isFinite)) {
            clock.set(at);
            expect(session.hasExpired()).to.equal(at >= expected);
            expect(session.getTTL()).to.equal(Math.max(0, expected - at));
            expect(isAlive(storage, sid), `${at - expected} ms after the expiry`).to.equal(at < expected);
          }
          clock.set(present);
        }
      }),
    );
  });

  it('moves lastAccess on with each get and never back, so that the idle bound slides', () => {
    fc.assert(
      fc.property(ms, fc.array(fc.integer({ min: -2000, max: 4000 }), { maxLength: 12 }), (idleTimeout, waits) => {
        const { clock, storage } = bench({ timeToLive: 0, idleTimeout, timeoutResolution: 0, clockSkew: 300_000 });
        let sid = storage.create().forClient();
        let lastAccess = NOW;
        for (const wait of waits) {
          clock.set(clock.now() + wait);
          const lives = clock.now() < lastAccess + idleTimeout;
          expect(isAlive(storage, sid)).to.equal(lives);
          if (!lives) continue;
          sid = storage.get(sid).forClient();
          lastAccess = Math.max(lastAccess, clock.now());
          expect(storage.get(sid, { touch: false }).lastAccess).to.equal(lastAccess);
        }
      }),
    );
  });
});

function isAlive(storage: SessionStorage, sid: string): boolean {
  return openingOf(storage, sid) === 'opened';
}
