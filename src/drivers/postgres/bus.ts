import { StoreUnavailable } from '../../errors.js';
import { digestOf } from '../../lib/digest.js';
import type {
  Bus,
  BusConnection,
  BusHistory,
  BusKeeping,
  BusListener,
  TabActivity,
  TabSign,
  UserActivity,
} from '../../ports/bus.js';
import { partsOf, positionOf } from '../../ports/bus-position.js';
import { BusListeners } from '../shared/bus-listeners.js';
import type { Row } from '../shared/rows.js';
import { WriteGroups } from '../shared/write-groups.js';
import { PostgresActivity } from './bus/activity.js';
import { MessageReader } from './bus/message-reader.js';
import { type MessageStatements, messageStatements } from './bus/message-statements.js';
import { type PostgresBusOptions, readPostgresBusOptions } from './bus/options.js';
import { busMigration } from './bus/schema.js';
import { BusTables } from './bus/tables.js';
import { type ValueStatements, valueStatements } from './bus/value-statements.js';
import { Connection, STATEMENTS_AT_ONCE } from './connection.js';
import type { PostgresValue } from './pool.js';

/** ms for `migrate`. */
const LONG = 60_000;

/** A topic that is listened to. */
interface Heard {
  readonly topic: string;
  /** Messages up to this number were published before. */
  readonly since: number;
}

/**
 * Carries live messages through PostgreSQL tables, for any number of processes. Call `migrate()` before the first use.
 *
 * Messages are published one after the other, each in one statement, so that they become visible in their order. A process uses up to two connections of
 * the pool for that.
 *
 * Every process that connects reads all messages, whatever it listens to: for up to some hundred messages a second. It reads when it is notified
 * (LISTEN), and once a second otherwise. So behind a proxy that shares connections (PgBouncer in transaction mode), messages take up to a second. A
 * process calls `missed` when it could not read for almost a minute; what was published in a shorter time is still there to be read.
 *
 * Publishing and stamping remove outdated rows in small batches.
 */
export class PostgresBus implements Bus {
  readonly reach = 'instances';
  readonly #tables: BusTables;
  readonly #connection: Connection;
  readonly #messages: MessageStatements;
  readonly #values: ValueStatements;
  readonly #activity: PostgresActivity;
  readonly #published = new WriteGroups<PostgresValue[]>(
    { atOnce: STATEMENTS_AT_ONCE, most: 1 },
    async (messages) => await Promise.all(messages.map((message) => this.#publish(message))),
  );
  readonly #reader: MessageReader;
  readonly #listeners: BusListeners;
  /** The topics that are listened to, by their digests. */
  readonly #heard = new Map<string, Heard>();
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: PostgresBusOptions) {
    const { pool, table, deadline } = readPostgresBusOptions(options);
    this.#tables = new BusTables(table);
    this.#connection = new Connection(pool, deadline, 'PostgresBus');
    this.#messages = messageStatements(this.#tables);
    this.#values = valueStatements(this.#tables);
    this.#activity = new PostgresActivity(this.#tables, this.#connection);
    this.#reader = new MessageReader(pool, deadline, this.#tables.channel, this.#messages.read, {
      message: (row) => this.#hear(row),
      missed: () => this.#listeners.missed(),
    });
    this.#listeners = new BusListeners({
      listen: async (topic) => {
        const { number } = await this.#now();
        if (this.#listeners.has(topic)) this.#heard.set(digestOf(topic), { topic, since: number });
      },
      unlisten: (topic) => {
        this.#heard.delete(digestOf(topic));
      },
    });
  }

  /**
   * Creates the tables, or upgrades them to this release. Call it whenever the application starts; several processes may call it at the same time.
   * Its deadline is 60 s.
   * @throws StoreUnavailable, also when another application has a table of one of these names
   */
  async migrate(): Promise<void> {
    await this.#connection.perform((run) => run({ text: busMigration(this.#tables) }, []), LONG);
  }

  async publish(topic: string, body: string, { limit, life }: BusKeeping): Promise<string> {
    const message = [digestOf(topic), JSON.stringify(body), limit, life];
    return await this.#connection.inTime(this.#published.add(message));
  }

  async connect(listener: BusListener): Promise<BusConnection> {
    this.#assertOpen();
    await this.#reader.start();
    this.#assertOpen();
    return this.#listeners.connect(listener);
  }

  async position(): Promise<string> {
    const { epoch, number } = await this.#now();
    return positionOf(epoch, number);
  }

  async history(topics: readonly string[], after: string): Promise<BusHistory> {
    const names = new Map(topics.map((topic) => [digestOf(topic), topic]));
    const { epoch, number } = partsOf(after) ?? { epoch: '', number: 0 };
    const asked = [JSON.stringify([...names.keys()]), number];
    const rows = await this.#connection.perform((run) => run(this.#messages.history, asked));
    const [first] = rows;
    if (first?.['epoch'] !== epoch || Number(first['last']) < number) return { messages: [], isComplete: false };
    const messages = rows
      .filter((row) => row['number'] !== null)
      .map((row) => ({
        topic: names.get(String(row['topic'])) ?? '',
        position: positionOf(epoch, String(row['number'])),
        body: bodyOf(row),
      }));
    return { messages, isComplete: first['is_complete'] === true };
  }

  async put(key: string, value: string, life: number): Promise<void> {
    await this.#store('value', key, value, life);
  }

  async take(key: string): Promise<string | undefined> {
    const [row] = await this.#connection.perform((run) => run(this.#values.take, [digestOf('value', key)]));
    return row && String(JSON.parse(String(row['value'])));
  }

  stamp(tabs: readonly TabSign[], life: number): Promise<void> {
    return this.#activity.stamp(tabs, life);
  }

  tabs(lineage: string): Promise<readonly TabActivity[]> {
    return this.#activity.tabs(lineage);
  }

  allTabs(since: number, limit: number): Promise<readonly TabActivity[]> {
    return this.#activity.allTabs(since, limit);
  }

  users(since: number, limit: number): Promise<readonly UserActivity[]> {
    return this.#activity.users(since, limit);
  }

  countUsers(since: number): Promise<number> {
    return this.#activity.countUsers(since);
  }

  async nameLineage(id: string, lineage: string, life: number): Promise<void> {
    await this.#store('lineage', id, lineage, life);
  }

  async lineageOf(id: string): Promise<string | undefined> {
    const [row] = await this.#connection.perform((run) => run(this.#values.read, [digestOf('lineage', id)]));
    return row && String(JSON.parse(String(row['value'])));
  }

  /** See the port. The Pool stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.close();
    this.#reader.close();
    this.#connection.close();
  }

  async #publish(message: PostgresValue[]): Promise<string> {
    const [row] = await this.#connection.perform((run) => run(this.#messages.publish, message));
    return positionOf(String(row?.['epoch']), String(row?.['last']));
  }

  /** `kind` keeps apart what has the same key. */
  async #store(kind: 'value' | 'lineage', key: string, value: string, life: number): Promise<void> {
    const values = [digestOf(kind, key), JSON.stringify(value), life];
    await this.#connection.perform((run) => run(this.#values.put, values));
  }

  async #now(): Promise<{ readonly epoch: string; readonly number: number }> {
    const [row] = await this.#connection.perform((run) => run(this.#messages.position, []));
    return { epoch: String(row?.['epoch']), number: Number(row?.['last']) };
  }

  #hear(row: Row): void {
    const heard = this.#heard.get(String(row['topic']));
    if (heard === undefined || Number(row['number']) <= heard.since) return;
    const position = positionOf(String(row['epoch']), String(row['number']));
    this.#listeners.deliver({ topic: heard.topic, position, body: bodyOf(row) });
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable('the PostgresBus was closed');
  }
}

function bodyOf(row: Row): string {
  return String(JSON.parse(String(row['body'])));
}
