import { StoreUnavailable } from '../../errors.js';
import { newId } from '../../lib/id.js';
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
import { inGroups, RedisActivity, textsOf } from './bus/activity.js';
import { BusKeys } from './bus/keys.js';
import { HISTORY, POSITION, PUBLISH } from './bus/message-scripts.js';
import { type RedisBusOptions, readRedisBusOptions } from './bus/options.js';
import { openSubscriber, prefixOf } from './bus/subscriber.js';
import { Subscription } from './bus/subscription.js';
import { PUT, READ, TAKE } from './bus/value-scripts.js';
import { Commands } from './commands.js';
import type { Script } from './script.js';
import { type Wire, wireOf } from './wire.js';

/**
 * Carries live messages through Redis 6.2 or newer, for any number of processes. Publishing takes one round trip. A process that connects opens one
 * more connection, and hears only the topics that it listens to. When that connection breaks, or does not answer for about `deadline`, the bus
 * opens another one and calls `missed`.
 *
 * All keys are in one slot, so in a cluster one node does the work of the bus. Set `maxmemory-policy noeviction`. What Redis acknowledges and then
 * loses, in a crash or a failover, is lost; `history` notices only that when all data is lost.
 */
export class RedisBus implements Bus {
  readonly reach = 'instances';
  readonly #wire: Wire;
  readonly #deadline: number;
  readonly #keys: BusKeys;
  readonly #activity: RedisActivity;
  readonly #subscription: Subscription;
  readonly #listeners: BusListeners;
  /** The topics that are listened to, by their channels. */
  readonly #topics = new Map<string, string>();
  #isClosed = false;

  /** @throws TypeError naming the option that is wrong */
  constructor(options: RedisBusOptions) {
    const { client, prefix, deadline } = readRedisBusOptions(options);
    this.#wire = wireOf(client);
    this.#deadline = deadline;
    this.#keys = new BusKeys(prefix);
    this.#activity = new RedisActivity(this.#keys, (script, keys, args) => this.#run(script, keys, args));
    this.#subscription = new Subscription((events, attempt) => openSubscriber(client, events, attempt), deadline, {
      message: (channel, text) => this.#hear(channel, text),
      restored: () => this.#listeners.missed(),
    });
    const channelOf = (topic: string): string => prefixOf(client) + this.#keys.topic(topic);
    this.#listeners = new BusListeners({
      listen: async (topic) => {
        this.#topics.set(channelOf(topic), topic);
        await this.#subscription.listen(channelOf(topic));
      },
      unlisten: (topic) => {
        this.#topics.delete(channelOf(topic));
        this.#subscription.unlisten(channelOf(topic));
      },
    });
  }

  async publish(topic: string, body: string, { limit, life }: BusKeeping): Promise<string> {
    const keys = [this.#keys.state, this.#keys.topic(topic), this.#keys.mark(topic)];
    return asPosition(await this.#run(PUBLISH, keys, [newId(), body, String(limit), String(life)]));
  }

  async connect(listener: BusListener): Promise<BusConnection> {
    this.#assertOpen();
    await this.#subscription.start();
    this.#assertOpen();
    return this.#listeners.connect(listener);
  }

  async position(): Promise<string> {
    return asPosition(await this.#run(POSITION, [this.#keys.state], [newId()]));
  }

  async history(topics: readonly string[], after: string): Promise<BusHistory> {
    const asked = partsOf(after) ?? { epoch: '', number: 0 };
    const keys = topics.flatMap((topic) => [this.#keys.topic(topic), this.#keys.mark(topic)]);
    const reply = await this.#run(HISTORY, [this.#keys.state, ...keys], [asked.epoch, String(asked.number)]);
    const [isComplete, epoch = '', ...fields] = textsOf(reply);
    const messages = inGroups(fields, 3)
      .map(([index, at, body = '']) => ({ topic: topics[Number(index)] ?? '', at: Number(at), body }))
      .sort((one, other) => one.at - other.at)
      .map(({ topic, at, body }) => ({ topic, position: positionOf(epoch, at), body }));
    return { messages, isComplete: isComplete === '1' };
  }

  async put(key: string, value: string, life: number): Promise<void> {
    await this.#run(PUT, [this.#keys.value(key)], [value, String(life)]);
  }

  async take(key: string): Promise<string | undefined> {
    return textIn(await this.#run(TAKE, [this.#keys.value(key)], []));
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
    await this.#run(PUT, [this.#keys.lineageOf(id)], [lineage, String(life)]);
  }

  async lineageOf(id: string): Promise<string | undefined> {
    return textIn(await this.#run(READ, [this.#keys.lineageOf(id)], []));
  }

  /** See the port. The client stays open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.close();
    this.#subscription.close();
  }

  #hear(channel: string, text: string): void {
    const topic = this.#topics.get(channel);
    const [, epoch = '', number = '', body = ''] = /^(\S+) (\d+) (.*)$/s.exec(text) ?? [];
    if (topic !== undefined) this.#listeners.deliver({ topic, position: positionOf(epoch, number), body });
  }

  async #run(script: Script, keys: string[], args: string[]): Promise<unknown> {
    this.#assertOpen();
    return new Commands(this.#wire, this.#deadline, () => {}).reply(script, keys, args);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable('the RedisBus was closed');
  }
}

function asPosition(reply: unknown): string {
  const [epoch = '', number = ''] = textsOf(reply);
  return positionOf(epoch, number);
}

function textIn(reply: unknown): string | undefined {
  return reply === null || reply === undefined ? undefined : String(reply);
}
