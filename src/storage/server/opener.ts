import { type NotFoundReason, SessionExpired, SessionNotFound } from '../../errors.js';
import type { Retired, SessionRecord } from '../../ports/store.js';
import { expiredReason, expiryOf, withLifetime } from '../../session/expiry.js';
import { factsOf, type SessionEventEmitter } from '../events.js';
import type { GuardedStore } from '../guarded-store.js';
import { REUSED, SUPERSEDED } from '../revocation/reasons.js';
import { beginState, originOf } from '../session-snapshot.js';
import { isUndecided } from '../undecided.js';
import type { ServerCommit } from './commit.js';
import type { SessionEnder } from './ender.js';
import { ServerHost } from './host.js';
import type { ServerSettings } from './options.js';
import type { RecordCodec, RecordFacts } from './record-codec.js';
import { followEntry, isClosed, isRetired } from './record-reader.js';
import { idOf, isOpaqueSid } from './sid.js';

/** Longer than any sid, in characters. Anything longer is `too_large` and not `malformed`. */
const TOO_LONG = 16_384;

/** How many rotations a replaced id is followed through within its grace. */
const MOST_ROTATIONS = 10;

/** Opens the session of a sid, and checks whether it is still valid. */
export class SessionOpener<Data, User> {
  readonly #settings: ServerSettings;
  readonly #codec: RecordCodec<Data, User>;
  readonly #events: SessionEventEmitter;
  readonly #commit: ServerCommit<Data, User>;
  readonly #ender: SessionEnder;

  constructor(
    commit: ServerCommit<Data, User>,
    codec: RecordCodec<Data, User>,
    ender: SessionEnder,
    events: SessionEventEmitter,
  ) {
    this.#commit = commit;
    // A request that is refused anyway does not wait for the log.
    this.#ender = ender.withoutLog();
    this.#settings = commit.settings;
    this.#codec = codec;
    this.#events = events;
  }

  /** @throws SessionNotFound @throws SessionExpired @throws StoreUnavailable */
  async open(store: GuardedStore, sid: unknown, touch: boolean): Promise<ServerHost<Data, User>> {
    if (!isOpaqueSid(sid)) return this.#refuse(new SessionNotFound(sid, { reason: formFault(sid) }));
    const now = this.#settings.clock.now();
    const found = await store.load(idOf(sid), now);
    if (found === undefined) return this.#refuse(new SessionNotFound(sid, { reason: 'unknown' }));
    const record = isRetired(found) ? await this.#successor(store, sid, found, now) : found;
    const facts = this.#decode(sid, record, now);
    if (facts instanceof SessionNotFound) return this.#refuse(facts);
    this.#refuseEnded(sid, facts, now);
    if (this.#events.isHeard('loaded')) this.#events.emit('loaded', factsOf(facts));
    const lastAccess = touch ? Math.max(now, facts.lastAccess) : facts.lastAccess;
    const state = beginState(facts, lastAccess, originOf(sid, facts));
    const isAlias = record !== found;
    const aliasUntil = isRetired(found) ? found.retired.at + this.#settings.rotationGrace : undefined;
    const known = { sid: isAlias ? undefined : sid, stored: facts, isAlias, aliasUntil };
    return new ServerHost(this.#commit, state, store, known);
  }

  /** The session of a record, for a change that does not come from its client. @throws SessionNotFound */
  fromRecord(store: GuardedStore, record: SessionRecord): ServerHost<Data, User> {
    const facts = this.#decode(undefined, record, this.#settings.clock.now());
    if (facts instanceof SessionNotFound) throw facts;
    return new ServerHost(this.#commit, beginState(facts, facts.lastAccess, undefined), store, {
      sid: undefined,
      stored: facts,
      isAlias: true,
      isOutside: true,
    });
  }

  /**
   * The record that a replaced id leads to within its grace.
   * @throws SessionNotFound if there is none, or after the grace
   */
  async #successor(store: GuardedStore, sid: string, tombstone: Retired, now: number): Promise<SessionRecord> {
    const { id, retired } = tombstone;
    const isRecent = now - retired.at < this.#settings.rotationGrace;
    // Limited, because anyone who has a replaced id can cause this work.
    const hops = isRecent ? MOST_ROTATIONS : 1;
    const end = isClosed(tombstone) ? tombstone : await followEntry(store, id, now, { hops, stopsWhenClosed: true });
    const successor = isRetired(end) ? undefined : end;
    if (isRecent && successor !== undefined) return successor;
    if (!isRecent && (retired.reason === undefined || isClosed(tombstone))) {
      this.#events.emit('reused', successor === undefined ? { id } : { ...ownersOf(successor), id });
      // Also a successor that was rotated since, or to which this id no longer leads.
      if (this.#settings.onReuse === 'revoke') await this.#ender.end(store, id, REUSED);
    }
    // A missing entry means that all sessions of the user were ended, so no newer credential is on its way.
    const isRevoked = end === undefined || (isRetired(end) && end.retired.reason !== undefined && !isClosed(end));
    const withinGrace = isRecent && end !== undefined;
    return this.#refuse(new SessionNotFound(sid, { reason: isRevoked ? 'revoked' : SUPERSEDED, withinGrace }));
  }

  #decode(sid: unknown, record: SessionRecord, now: number): RecordFacts<Data, User> | SessionNotFound {
    try {
      return this.#codec.decode(record);
    } catch (cause) {
      return new SessionNotFound(sid, {
        reason: 'invalid_data',
        cause,
        isUndecided: isUndecided(record.lastAccess, now),
      });
    }
  }

  #refuseEnded(sid: string, facts: RecordFacts<Data, User>, now: number): void {
    const { revocations, rotationGrace } = this.#settings;
    const verdict = revocations?.find(facts, now);
    if (verdict !== undefined && verdict.at <= now) {
      const withinGrace = verdict.handedOver && now - verdict.at < rotationGrace;
      this.#refuse(new SessionNotFound(sid, { reason: verdict.reason, withinGrace }));
    }
    const bounds = withLifetime(this.#settings.bounds, facts.life);
    if (now >= facts.expires || now >= expiryOf(bounds, facts)) {
      this.#refuse(new SessionExpired(sid, { reason: expiredReason(bounds, facts) }));
    }
  }

  #refuse(error: SessionNotFound): never {
    if (error.reason !== 'missing') this.#events.emit('refused', { reason: error.reason });
    throw error;
  }
}

function ownersOf({ lineage, uid }: SessionRecord): { readonly lineage: string; readonly uid: string | undefined } {
  return { lineage, uid: uid ?? undefined };
}

function formFault(sid: unknown): NotFoundReason {
  if (sid === undefined || sid === null || sid === '') return 'missing';
  return typeof sid === 'string' && sid.length > TOO_LONG ? 'too_large' : 'malformed';
}
