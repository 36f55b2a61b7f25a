import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '../../lib/id.js';
import type { Bus, BusKeeping, TabActivity } from '../../ports/bus.js';
import { Ear } from './ear.js';

export const HOUR = 3_600_000;

/** A hundred messages for an hour. */
export const KEEP: BusKeeping = { limit: 100, life: HOUR };

/** Where the times of the next case begin: after those of all earlier ones, so that lists of the latest begin with its own. */
let times = 4_000_000_000_000;

/** What a case works with: the buses of two processes, and names that only this case uses. */
export class BusBench {
  readonly first: Bus;
  readonly second: Bus;
  /** A ms timestamp that is later than all times of earlier cases. */
  readonly now: number;
  readonly #create: () => Promise<Bus>;
  readonly #ears: Ear[] = [];
  readonly #buses: Bus[] = [];

  constructor(first: Bus, second: Bus, create: () => Promise<Bus>) {
    this.first = first;
    this.second = second;
    this.#create = create;
    times += 1_000_000;
    this.now = times;
  }

  name(start = 'name'): string {
    return `${start}.${newId()}`;
  }

  /** Another bus on the same backend, closed after the case. */
  async open(): Promise<Bus> {
    const bus = await this.#create();
    this.#buses.push(bus);
    return bus;
  }

  async ear(bus: Bus, ...topics: readonly string[]): Promise<Ear> {
    const ear = await Ear.on(bus, ...topics);
    this.#ears.push(ear);
    return ear;
  }

  /** Publishes these bodies one after the other, and returns their positions. */
  async publish(topic: string, bodies: readonly string[], keep: BusKeeping = KEEP): Promise<string[]> {
    const positions: string[] = [];
    for (const body of bodies) positions.push(await this.first.publish(topic, body, keep));
    return positions;
  }

  /** Resolves when what the ear's bus was sent before has arrived, if it arrives at all. */
  async settled(ear: Ear): Promise<void> {
    const [topic, body] = [this.name('last'), this.name('last')];
    await ear.connection.listen(topic);
    await this.first.publish(topic, body, KEEP);
    await ear.heard(body);
    ear.connection.unlisten(topic);
    ear.messages.splice(0, ear.messages.length, ...ear.messages.filter((message) => message.topic !== topic));
  }

  /** Resolves when what this bus stored for 1 ms before is too old. */
  async outlived(bus: Bus): Promise<void> {
    const id = this.name();
    await bus.nameLineage(id, 'lineage', 1);
    while ((await bus.lineageOf(id)) !== undefined) await nextTurn();
  }

  tab(changes: Partial<TabActivity> = {}): TabActivity {
    const known = { at: this.now, isVisible: true, openUntil: this.now + 1 };
    return { lineage: this.name('lineage'), uid: this.name('uid'), instance: this.name('tab'), ...known, ...changes };
  }

  async clean(): Promise<void> {
    await Promise.all(this.#ears.map((ear) => ear.connection.close()));
    await Promise.all(this.#buses.map((bus) => bus.close()));
  }
}
