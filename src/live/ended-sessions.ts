import type { Pending } from '../lib/pending.js';
import type { NewRevocation } from '../ports/revocation-log.js';
import type { SessionEvents } from '../storage/events.js';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { Activity } from './activity.js';
import type { Announcer } from './announcer.js';
import type { Checks } from './checks.js';
import type { Closer } from './closer.js';
import type { Connection } from './connection.js';
import type { End } from './envelope.js';
import type { LiveStorage } from './options.js';
import type { Registry } from './registry.js';

/**
 * Ends streams when their sessions end: as the storage and the revocation list of this process announce it, at once; as other processes
 * announce it over the bus. And those of tokens when the list is stale.
 */
export class EndedSessions {
  readonly #storage: LiveStorage;
  readonly #registry: Registry;
  readonly #checks: Checks;
  readonly #closer: Closer;
  readonly #activity: Activity;
  /** `undefined` if there is no other process to tell. */
  readonly #announcer: Announcer | undefined;
  readonly #subscriptions: readonly (() => void)[];

  constructor(
    storage: LiveStorage,
    registry: Registry,
    checks: Checks,
    closer: Closer,
    activity: Activity,
    announcer: Announcer | undefined,
  ) {
    this.#storage = storage;
    this.#registry = registry;
    this.#checks = checks;
    this.#closer = closer;
    this.#activity = activity;
    this.#announcer = announcer;
    const { events, revocations } = storage;
    this.#subscriptions = [
      events.on('ended', (event) => this.#ended(event)),
      events.on('rotated', (event) => this.#rotated(event)),
      ...(revocations === undefined
        ? []
        : [
            revocations.onAdded((entries) => this.#revoked(entries)),
            revocations.events.on('stale', () => this.#stale()),
          ]),
    ];
  }

  /** What another process announced. The store is asked, if there is one: clocks differ. */
  endedElsewhere(end: End): void {
    if (this.#storage.abilities.stateless || isOfOne(end)) this.#apply(end);
    else void this.#checks.checkAll(this.#concerned(end), end.reason);
  }

  /** The session has this id now. */
  rotatedElsewhere(lineage: string, id: string): void {
    this.#sendAwayOthers(lineage, id);
  }

  close(): void {
    for (const stop of this.#subscriptions) stop();
  }

  #ended({ id, lineage, uid, reason, except }: SessionEvents['ended']): void {
    const end: End = { reason, id, lineage, uid, except, before: this.#storage.clock.now() };
    this.#apply(end);
    this.#announcer?.announce({ kind: 'ended', end });
  }

  #rotated({ id, lineage, previous }: SessionEvents['rotated']): void {
    if (previous.lineage !== lineage) {
      this.#ended({ id: previous.id, lineage: previous.lineage, reason: SUPERSEDED });
      return;
    }
    this.#activity.nameLineage(id, lineage);
    this.#sendAwayOthers(lineage, id);
    this.#announcer?.announce({ kind: 'rotated', lineage, id });
  }

  #revoked(entries: readonly NewRevocation[]): void {
    for (const { match, reason } of entries) {
      const matching = this.#matching(match);
      if (!this.#storage.abilities.stateless) void this.#checks.checkAll(matching, reason);
      else this.#wait(this.#storage.revocations?.effects, this.#checks.checkBeforeWriting(matching, reason));
    }
  }

  /** A stream whose session ended elsewhere must not outlast the bound. A store is not asked: it knows of every end. */
  #stale(): void {
    if (this.#storage.abilities.stateless) void this.#checks.checkAll(this.#registry.all());
  }

  #apply(end: End): void {
    const isCertain = isOfOne(end);
    for (const connection of this.#concerned(end)) {
      if (connection.isOver) continue;
      if (isCertain || connection.session.created <= end.before) this.#closer.conclude(connection, end.reason);
      // The session may have begun after the end, or where the clock is ahead.
      else this.#wait(this.#storage.events.effects, this.#checks.check(connection, end.reason));
    }
  }

  /** Whoever ends sessions waits until their streams have been checked and have ended. */
  #wait(effects: Pending | undefined, checked: void | Promise<void>): void {
    if (checked !== undefined) effects?.add(checked.then(() => this.#closer.settled()));
  }

  #concerned({ id, lineage, uid, except }: End): readonly Connection[] {
    if (lineage !== undefined) return this.#registry.ofSession(lineage);
    if (id !== undefined) return this.#registry.ofId(id);
    if (uid === undefined) return this.#registry.all();
    return this.#registry.ofUser(uid).filter((connection) => connection.lineage !== except);
  }

  #matching(match: NewRevocation['match']): readonly Connection[] {
    if ('lineage' in match) return this.#registry.ofSession(match.lineage);
    if ('jti' in match) return this.#registry.ofId(match.jti);
    return 'uid' in match ? this.#registry.ofUser(match.uid) : this.#registry.all();
  }

  /** A stream never moves to a new id, which would be session fixation. */
  #sendAwayOthers(lineage: string, id: string): void {
    for (const connection of this.#registry.ofSession(lineage)) {
      if (connection.id !== id) this.#closer.sendAway(connection, 'rotated');
    }
  }
}

function isOfOne({ id, lineage }: End): boolean {
  return id !== undefined || lineage !== undefined;
}
