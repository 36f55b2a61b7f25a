import type { Pending } from '../lib/pending.js';
import type { NewRevocation } from '../ports/revocation-log.js';
import type { SessionEvents } from '../storage/events.js';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { Activity } from './activity.js';
import type { Announcer } from './announcer.js';
import type { Checks } from './checks.js';
import type { Closer } from './closer.js';
import { type Concerned, isOfOne, namesIn } from './concerned.js';
import type { Decide, Doubts } from './doubts.js';
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
  readonly #doubts: Doubts;
  readonly #checks: Checks;
  readonly #closer: Closer;
  readonly #activity: Activity;
  /** `undefined` if there is no other process to tell. */
  readonly #announcer: Announcer | undefined;
  readonly #subscriptions: readonly (() => void)[];

  constructor(
    storage: LiveStorage,
    registry: Registry,
    doubts: Doubts,
    checks: Checks,
    closer: Closer,
    activity: Activity,
    announcer: Announcer | undefined,
  ) {
    this.#storage = storage;
    this.#registry = registry;
    this.#doubts = doubts;
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
    else void this.#checks.checkAll(this.#registry.named(end).connections, end.reason);
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
    const { abilities, revocations } = this.#storage;
    for (const { match, reason } of entries) {
      const concerned = this.#registry.named(namesIn(match));
      if (!abilities.stateless) void this.#checks.checkAll(concerned.connections, reason);
      else this.#settle(revocations?.effects, concerned, (connection) => this.#checks.check(connection, reason));
    }
  }

  /** A stream whose session ended elsewhere must not outlast the bound. A store is not asked: it knows of every end. */
  #stale(): void {
    if (this.#storage.abilities.stateless) void this.#checks.checkAll(this.#registry.all());
  }

  #apply(end: End): void {
    const isCertain = isOfOne(end);
    this.#settle(this.#storage.events.effects, this.#registry.named(end), (connection) => {
      if (isCertain || connection.session.created <= end.before) this.#closer.conclude(connection, end.reason);
      // The session may have begun after the end, or where the clock is ahead.
      else return this.#checks.check(connection, end.reason);
    });
  }

  /** Decides which streams end. The call that ends the sessions waits for these streams to end. */
  #settle(effects: Pending | undefined, concerned: Concerned, decide: Decide): void {
    const settled = this.#doubts.settle(concerned, decide);
    if (settled !== undefined) effects?.add(settled.then(() => this.#closer.settled()));
  }

  /** A stream never moves to a new id, which would be session fixation. */
  #sendAwayOthers(lineage: string, id: string): void {
    void this.#doubts.settle(this.#registry.named({ lineage }), (connection) => {
      if (connection.id !== id) this.#closer.sendAway(connection, 'rotated');
    });
  }
}
