import { FieldsRule } from '../lib/rules/fields.js';
import { kind } from '../lib/rules/kinds.js';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import { LONGEST_TIMER, wholeNumber } from '../lib/whole-number.js';
import type { Bus } from '../ports/bus.js';
import type { Clock } from '../ports/clock.js';
import type { SessionRef } from '../session/session.js';
import type { SessionEventEmitter } from '../storage/events.js';
import type { RevocationList } from '../storage/revocation/revocation-list.js';
import type { StorageAbilities } from '../storage/session-source.js';
import { MemoryBus } from './memory-bus.js';

/** What live sessions need of a storage. `SessionStorage` and `ServerSessionStorage` have it. */
export interface LiveStorage {
  readonly clock: Clock;
  readonly events: SessionEventEmitter;
  readonly abilities: StorageAbilities;
  /** @internal */
  readonly revocations: RevocationList | undefined;
  /** The state of a session. @throws StoreUnavailable */
  check(ref: SessionRef): StateOfSession | Promise<StateOfSession>;
}

/** What `check` of a storage returns. */
export type StateOfSession = 'live' | 'ended' | { readonly expires: number };

/** Options of {@link LiveSessions}. All durations are in ms. */
export interface LiveOptions {
  /** The storage whose sessions the streams belong to: that of `activateSessions`. */
  readonly sessionStorage: LiveStorage;
  /** Carries messages, and what is shared, between processes. Default: none; everything is in this process. */
  readonly bus?: Bus | undefined;
  /** How often each stream gets a comment, and each session is checked, in ms. Default 15,000. */
  readonly heartbeat?: number | undefined;
  /** How many events of each session, of each user and for everyone are kept for clients that were away. Default 100. */
  readonly replay?: number | undefined;
  /** How long they are kept, in ms. Default 300,000. */
  readonly replayFor?: number | undefined;
  /** How long the activity of a tab is remembered after its last sign of life, in ms. Default 1,800,000. */
  readonly activityWindow?: number | undefined;
  /** Limits of this process. */
  readonly limits?: Partial<LiveLimits> | undefined;
}

/** Limits of one process. */
export interface LiveLimits {
  /** Streams of one session. Default 20. */
  readonly perSession: number;
  /** Streams of one user. Default 100. */
  readonly perUser: number;
  /** Streams in all. Default 50,000. */
  readonly perProcess: number;
  /** Bytes that wait for one slow client, beside what is replayed to it, before its stream is cut. Default 262,144. */
  readonly queue: number;
}

const LIMITS = new FieldsRule({
  perSession: wholeNumber(undefined, 1).default(20),
  perUser: wholeNumber(undefined, 1).default(100),
  perProcess: wholeNumber(undefined, 1).default(50_000),
  queue: wholeNumber(undefined, 1).default(262_144),
});

const OPTIONS = new FieldsRule({
  sessionStorage: kind(
    (storage): storage is LiveStorage =>
      hasMethods(storage, 'check', 'commit') && hasMethods(Reflect.get(Object(storage), 'events'), 'on'),
    'expected a SessionStorage or ServerSessionStorage',
  ),
  bus: kind(
    (bus): bus is Bus => hasMethods(bus, 'publish', 'connect', 'history', 'stamp'),
    'expected a Bus, such as a RedisBus',
  ).optional(),
  heartbeat: wholeNumber('ms', 1, LONGEST_TIMER).default(15_000),
  replay: wholeNumber(undefined, 0, 10_000).default(100),
  replayFor: wholeNumber('ms', 1, LONGEST_TIMER).default(300_000),
  activityWindow: wholeNumber('ms', 1, LONGEST_TIMER).default(1_800_000),
  limits: LIMITS.default(LIMITS.defaults()),
});

/** The options, with their defaults. */
export type LiveSettings = { readonly [Name in keyof LiveOptions]-?: Exclude<LiveOptions[Name], undefined> } & {
  readonly limits: LiveLimits;
};

/** @throws TypeError that names the invalid option */
export function liveSettings(options: LiveOptions): LiveSettings {
  const { bus = new MemoryBus(), ...rest } = strictOptions('LiveSessions', OPTIONS, options);
  return Object.freeze({ ...rest, bus });
}
