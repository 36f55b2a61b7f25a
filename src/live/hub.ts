import type { Clock } from '../ports/clock.js';
import { Activity } from './activity.js';
import { Announcer } from './announcer.js';
import { Beats } from './beats.js';
import { Checks } from './checks.js';
import { sendAway } from './closing.js';
import type { Connection, ConnectionSettings } from './connection.js';
import { Deadlines } from './deadlines.js';
import { Dispatcher } from './dispatcher.js';
import { Ends } from './ends.js';
import { openEnvelope } from './envelope.js';
import { Feed } from './feed.js';
import type { LiveLimits, LiveSettings } from './options.js';
import { Registry } from './registry.js';
import { CONTROL } from './topics.js';
import { frame } from './wire.js';

const MISSED = frame('missed', '{}');

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
  readonly #ends: Ends;
  readonly #beats: Beats;
  readonly #deadlines: Deadlines;
  readonly #stopListening: () => void;
  readonly #emptied = new Set<() => void>();

  constructor(settings: LiveSettings) {
    const { sessionStorage, bus, limits, replay, replayFor, activityWindow, heartbeat } = settings;
    this.#settings = settings;
    this.clock = sessionStorage.clock;
    this.limits = limits;
    this.checks = new Checks(sessionStorage);
    this.activity = new Activity(bus, this.clock, activityWindow, heartbeat);
    this.connectionSettings = { limit: limits.queue, onOver: (connection) => this.#over(connection) };
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
        lost: (topics) => this.#tellMissed(topics),
        recovered: () => void this.#beats.checkAll(),
      },
    );
    this.#announcer = bus.reach === 'process' ? undefined : new Announcer(this.feed);
    this.#ends = new Ends(sessionStorage, this.registry, this.checks, this.activity, this.#announcer);
    this.#deadlines = new Deadlines(this.clock, this.registry, this.checks);
    this.#beats = new Beats(heartbeat, this.registry, this.feed, this.checks, () => {
      this.#stampOpen(this.registry.all());
    });
    this.#stopListening = sessionStorage.events.on('accessed', (event) => this.activity.accessed(event));
  }

  /** Listens to what a stream needs. @throws StoreUnavailable */
  async listen(connection: Connection): Promise<void> {
    await this.feed.listen([...connection.topics, CONTROL]);
    connection.isListening = true;
    if (connection.isOver) this.#unlisten(connection);
  }

  /** A stream has begun. `isBack`: its tab had one before, perhaps in another process. */
  opened(connection: Connection, isBack: boolean): void {
    const { lineage, instance } = connection;
    this.#beats.start();
    this.#deadlines.watch(connection);
    this.#stampOpen([connection], true);
    if (isBack) this.#announcer?.announce({ kind: 'moved', lineage, instance });
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
    const connections = this.registry.all();
    const over = new Promise<void>((resolve) => {
      if (connections.length === 0) resolve();
      else this.#emptied.add(resolve);
    });
    for (const connection of connections) sendAway(connection, 'drained', within);
    await over;
  }

  /** Ends all streams, and stops listening. */
  async close(): Promise<void> {
    this.isDraining = true;
    this.#stopListening();
    this.#ends.close();
    this.#beats.stop();
    this.#deadlines.stop();
    for (const connection of this.registry.all()) sendAway(connection, 'closed');
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
    this.#beats.stop();
    this.#deadlines.rest();
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
        this.#ends.endedElsewhere(envelope.end);
        break;
      case 'rotated':
        if (!isLate) this.#ends.rotatedElsewhere(envelope.lineage, envelope.id);
        break;
      case 'moved':
        if (!isLate) this.#cut(envelope.lineage, envelope.instance);
        break;
    }
  }

  /** The tab has a newer stream, in another process. */
  #cut(lineage: string, instance: string): void {
    const connection = this.registry.find(lineage, instance);
    if (connection === undefined) return;
    connection.hasMoved = true;
    connection.cut();
  }

  #tellMissed(topics: readonly string[]): void {
    const told = new Set(topics.flatMap((topic) => this.registry.ofTopic(topic)));
    for (const connection of told) connection.write(MISSED);
  }

  /** They count as open for three heartbeats: a process that dies cannot say that they are not. */
  #stampOpen(connections: readonly Connection[], isUrgent = false): void {
    const openUntil = this.clock.now() + 3 * this.#settings.heartbeat;
    for (const { lineage, uid, instance, id } of connections) {
      this.activity.note({ lineage, uid, instance, openUntil }, isUrgent);
      if (id !== lineage) this.activity.nameLineage(id, lineage);
    }
  }
}
