import type { Clock } from '../ports/clock.js';
import { Activity } from './activity.js';
import { Announcer } from './announcer.js';
import { Checks } from './checks.js';
import { Closer } from './closer.js';
import type { Connection, ConnectionSettings } from './connection.js';
import { Dispatcher } from './dispatcher.js';
import { Doubts } from './doubts.js';
import { EndedSessions } from './ended-sessions.js';
import { type Moved, openEnvelope } from './envelope.js';
import { ExpiryTimer } from './expiry-timer.js';
import { Feed } from './feed.js';
import { Heartbeats } from './heartbeats.js';
import type { LiveLimits, LiveSettings } from './options.js';
import { isDisputed, type Origin, replaces } from './place.js';
import { Registry } from './registry.js';
import { CONTROL } from './topics.js';

/** The open streams of this process, and what keeps them up to date: the bus, the storage, the clock. */
export class Hub {
  readonly clock: Clock;
  readonly limits: LiveLimits;
  readonly registry: Registry = new Registry();
  readonly feed: Feed;
  readonly checks: Checks;
  readonly activity: Activity;
  readonly connectionSettings: ConnectionSettings;
  /** Whether no stream is opened any more. */
  isDraining = false;
  readonly #settings: LiveSettings;
  readonly #announcer: Announcer | undefined;
  readonly #closer: Closer;
  readonly #doubts = new Doubts();
  readonly #endedSessions: EndedSessions;
  readonly #heartbeats: Heartbeats;
  readonly #expiryTimer: ExpiryTimer;
  readonly #stopListening: () => void;
  readonly #emptied = new Set<() => void>();

  constructor(settings: LiveSettings) {
    const { sessionStorage, bus, limits, replay, replayFor, activityWindow, heartbeat } = settings;
    this.#settings = settings;
    this.clock = sessionStorage.clock;
    this.limits = limits;
    // Whoever ends a session waits until its streams have ended.
    this.#closer = new Closer((work) => {
      sessionStorage.events.effects.add(work);
      sessionStorage.revocations?.effects.add(work);
    });
    this.checks = new Checks(sessionStorage, this.#closer);
    this.activity = new Activity(bus, this.clock, activityWindow, heartbeat);
    this.connectionSettings = {
      limit: limits.queue,
      doubts: this.#doubts,
      onOver: (connection) => this.#over(connection),
    };
    const dispatcher = new Dispatcher(this.registry);
    this.feed = new Feed(
      bus,
      { limit: replay, life: replayFor },
      {
        // What processes tell one another does not wait behind a broadcast: nothing is written to a stream that has ended.
        message: (message, isLate) => {
          if (message.topic === CONTROL) this.#control(message.body, isLate);
          else dispatcher.dispatch(message);
        },
        lost: (topics) => dispatcher.tellMissed(topics),
        recovered: () => void this.checks.checkAll(this.registry.all()),
      },
    );
    this.#announcer = bus.reach === 'process' ? undefined : new Announcer(this.feed);
    this.#endedSessions = new EndedSessions(
      sessionStorage,
      this.registry,
      this.#doubts,
      this.checks,
      this.#closer,
      this.activity,
      this.#announcer,
    );
    this.#expiryTimer = new ExpiryTimer(this.clock, this.registry, this.checks);
    this.#heartbeats = new Heartbeats(heartbeat, this.registry, this.feed, this.checks, (connection) => {
      this.#stampOpen(connection);
    });
    this.#stopListening = sessionStorage.events.on('accessed', (event) => this.activity.accessed(event));
  }

  /** Listens to what a stream needs. @throws StoreUnavailable */
  async listen(connection: Connection): Promise<void> {
    await this.feed.listen([...connection.topics, CONTROL]);
    connection.isListening = true;
    if (connection.isOver) this.#unlisten(connection);
  }

  /** A stream has begun. `origin`: if its tab had one before, perhaps in another process. */
  opened(connection: Connection, origin: Origin | undefined): void {
    const { lineage, instance } = connection;
    this.#heartbeats.start();
    this.#expiryTimer.watch(connection);
    this.#stampOpen(connection, true);
    if (origin !== undefined) this.#announcer?.announce({ kind: 'moved', lineage, instance, ...origin });
  }

  /** Whether another process has a stream of this tab. @throws StoreUnavailable */
  async isOpenElsewhere({ lineage, instance }: Connection): Promise<boolean> {
    if (this.#announcer === undefined) return false;
    const tabs = await this.activity.tabs(lineage);
    return tabs.some((tab) => tab.instance === instance && tab.isOpen);
  }

  /** Sends all streams away, to come back within `within` ms. Resolves when none is left. */
  async drain(within: number): Promise<void> {
    this.isDraining = true;
    const over = new Promise<void>((resolve) => {
      if (this.registry.size === 0) resolve();
      else this.#emptied.add(resolve);
    });
    await this.#doubts.settle(this.registry.named({}), (connection) => {
      this.#closer.sendAway(connection, 'drained', within);
    });
    await over;
  }

  /** Ends all streams, and stops listening. */
  async close(): Promise<void> {
    this.isDraining = true;
    this.#stopListening();
    this.#endedSessions.close();
    this.#heartbeats.stop();
    this.#expiryTimer.stop();
    await this.#doubts.settle(this.registry.named({}), (connection) => this.#closer.sendAway(connection, 'closed'));
    await this.#closer.settled();
    await this.#announcer?.close();
    await this.activity.close();
    await this.feed.close();
  }

  #over(connection: Connection): void {
    this.registry.remove(connection);
    this.#unlisten(connection);
    const { lineage, uid, instance } = connection;
    if (!connection.hasMoved && this.registry.find(lineage, instance) === undefined) {
      this.activity.note({ lineage, uid, instance, openUntil: 0 }, true);
    }
    if (this.registry.size > 0) return;
    this.#heartbeats.stop();
    this.#expiryTimer.rest();
    for (const resolve of this.#emptied) resolve();
    this.#emptied.clear();
  }

  #unlisten(connection: Connection): void {
    if (!connection.isListening) return;
    connection.isListening = false;
    this.feed.unlisten([...connection.topics, CONTROL]);
  }

  /** `isLate`: it is found in the history. What it says of ids and places may be outdated; an end stays an end. */
  #control(body: string, isLate: boolean): void {
    const envelope = openEnvelope(body);
    if (envelope === undefined || envelope.kind === 'event' || envelope.process === this.#announcer?.process) return;
    switch (envelope.kind) {
      case 'ended':
        this.#endedSessions.endedElsewhere(envelope.end);
        break;
      case 'rotated':
        if (!isLate) this.#endedSessions.rotatedElsewhere(envelope.lineage, envelope.id);
        break;
      case 'moved':
        if (!isLate) this.#movedElsewhere(envelope);
        break;
    }
  }

  /** Another process has a newer stream with this id. If it is of another tab, this one needs another id. */
  #movedElsewhere(moved: Moved): void {
    const connection = this.registry.find(moved.lineage, moved.instance);
    if (connection === undefined || isDisputed(moved, connection, this.clock.now())) return;
    connection.hasMoved = true;
    if (replaces(moved, connection.page)) connection.cut();
    else this.#closer.sendAway(connection, 'duplicate');
  }

  /** It counts as open for three heartbeats: a process that dies cannot say that it is not. */
  #stampOpen({ lineage, uid, instance, id }: Connection, isUrgent = false): void {
    const openUntil = this.clock.now() + 3 * this.#settings.heartbeat;
    this.activity.note({ lineage, uid, instance, openUntil }, isUrgent);
    if (id !== lineage) this.activity.nameLineage(id, lineage);
  }
}
