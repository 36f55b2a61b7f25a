/**
 * The port of a bus, which carries live messages between processes, and keeps what they share: recent messages, one-time values and the
 * activity of tabs. These comments are its specification. `busSuite` of `sessions-jwt/testing` checks every sentence of it against any
 * bus.
 *
 * @module
 */

/** A message as it arrives. */
export interface BusMessage {
  readonly topic: string;
  /** Where the message stands: 1 to 64 characters of `A-Z a-z 0-9 . _ -`. Opaque: only the bus compares positions. */
  readonly position: string;
  /** Any well-formed string; delivered character by character. */
  readonly body: string;
}

/** The answer of {@link Bus.history}. */
export interface BusHistory {
  /** The messages after the position, in the order in which they were published. */
  readonly messages: readonly BusMessage[];
  /** False if some may be missing: the position is unknown, or older than what is kept. */
  readonly isComplete: boolean;
}

/** How long a message is kept for `history`. */
export interface BusKeeping {
  /** The number of messages that the topic keeps, this one included. 0: none. */
  readonly limit: number;
  /** Whole ms, 1 or more, after the last message of the topic. */
  readonly life: number;
}

/** Whom a connection calls. Neither may throw. */
export interface BusListener {
  /** A message of a topic that the connection listens to. Called in the order of publication in each topic. */
  message(message: BusMessage): void;
  /** Messages may have been missed, as after the backend was away. The bus listens again already: read `history` to catch up. */
  missed(): void;
}

/** What one process hears. */
export interface BusConnection {
  /** Resolves once every message that is published from then on, by any process, reaches the listener. Twice has no effect. */
  listen(topic: string): Promise<void>;
  /** Stops listening to the topic. */
  unlisten(topic: string): void;
  /**
   * Stops listening and frees the connection. The application's client stays open. May be called twice. Later, `listen` rejects with
   * StoreUnavailable.
   */
  close(): Promise<void>;
}

/** What is known of one tab (instance) of a session. Times are ms timestamps. */
export interface TabActivity {
  /** The lineage of the tab's session. */
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly instance: string;
  /** When the tab was last active: its last request that was not passive, or the last input that its page reported; 0 = never. */
  readonly at: number;
  /** Whether the page is visible; `undefined` if it has not said so. */
  readonly isVisible: boolean | undefined;
  /** Until when the tab counts as connected, unless that is renewed; 0 = it is not. */
  readonly openUntil: number;
}

/** What a process learned of a tab. What is absent stays as it is, or as another process says. */
export interface TabSign {
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly instance: string;
  /** As in {@link TabActivity}. */
  readonly at?: number | undefined;
  /** As in {@link TabActivity}. */
  readonly isVisible?: boolean | undefined;
  /** As in {@link TabActivity}. */
  readonly openUntil?: number | undefined;
}

/** A user and when they were last active: ms timestamp. */
export interface UserActivity {
  readonly uid: string;
  readonly at: number;
}

/**
 * Carries messages by topic. A topic is a string of 1 to 320 characters without line breaks.
 *
 * Every operation that fails rejects with `StoreUnavailable`, within a few seconds, and nothing is retried behind the caller's back.
 */
export interface Bus {
  /** Who hears a message: only this process, or every instance of the service. */
  readonly reach: 'process' | 'instances';

  /**
   * Sends a message to every connection that listens to the topic, this process's own included, and keeps it as `keep` says. Returns its
   * position. Positions increase in each topic, and across topics as far as the messages did not overlap in time.
   */
  publish(topic: string, body: string, keep: BusKeeping): Promise<string>;

  /** Starts to hear. A client needs one connection in each process. Connections are independent, also those with the same listener. */
  connect(listener: BusListener): Promise<BusConnection>;

  /** The position now: `history` after it has only what is published later. */
  position(): Promise<string>;

  /**
   * The kept messages of these topics after a position: at most as many of each topic as it keeps. If the backend lost its data since, they may be
   * all that it keeps now. A malformed position is an unknown one.
   */
  history(topics: readonly string[], after: string): Promise<BusHistory>;

  /** Keeps a value for `life` ms, for one `take`. The key is a string as topics are. */
  put(key: string, value: string, life: number): Promise<void>;

  /** Returns the value once, and forgets it: of two processes, one gets it. `undefined` if it is unknown, taken or too old. */
  take(key: string): Promise<string | undefined>;

  /**
   * Adds to what is known of tabs. What is known of each tab is kept for `life` ms after its last stamp. `at` never moves back, also when stamps arrive out of order. Of the other fields, those
   * that are present are replaced, and the others stay; of a new tab, `at` and `openUntil` are 0. At most 1,000 tabs a session are kept:
   * the least recently active go.
   */
  stamp(signs: readonly TabSign[], life: number): Promise<void>;

  /** The tabs of a session, in any order. */
  tabs(lineage: string): Promise<readonly TabActivity[]>;

  /** The tabs of all sessions that were active at or after `since`, at most `limit` of them, the latest first. */
  allTabs(since: number, limit: number): Promise<readonly TabActivity[]>;

  /** The users that were active at or after `since`, at most `limit` of them, the latest first. */
  users(since: number, limit: number): Promise<readonly UserActivity[]>;

  /** How many users were active at or after `since`. */
  countUsers(since: number): Promise<number>;

  /** Remembers for `life` ms that a session has, or had, this id, for those who know only the id. */
  nameLineage(id: string, lineage: string, life: number): Promise<void>;

  /** The lineage of an id; `undefined` if it is unknown. */
  lineageOf(id: string): Promise<string | undefined>;

  /** Frees what the bus created. The application's client stays open. Later operations reject with StoreUnavailable. */
  close(): Promise<void>;
}
