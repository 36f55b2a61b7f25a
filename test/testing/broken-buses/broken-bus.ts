import { MemoryBus } from '../../../src/live/memory-bus.js';
import type { Bus, BusConnection, BusListener, BusMessage } from '../../../src/ports/bus.js';

/** A bus with one sentence of the port broken, and the case that says so. */
export interface BrokenBus {
  /** What it does wrong. */
  readonly that: string;
  readonly failing: string;
  readonly open: () => Bus;
}

/** A MemoryBus with some operations replaced; `failing` is the title of the case that must find it. */
export function broken(that: string, failing: string, change: (intact: MemoryBus) => Partial<Bus>): BrokenBus {
  return { that, failing, open: () => changed(new MemoryBus(), change) };
}

/** A bus whose connections pass on what `change` makes of a message. */
export function mishearing(
  change: (message: BusMessage) => readonly BusMessage[],
): (intact: MemoryBus) => Partial<Bus> {
  return connecting((listener) => ({
    message: (message) => {
      for (const one of change(message)) listener.message(one);
    },
    missed: () => listener.missed(),
  }));
}

/** A bus with other listeners, and other connections. */
export function connecting(
  listen: (listener: BusListener) => BusListener,
  connect: (connection: BusConnection, intact: MemoryBus) => Partial<BusConnection> = () => ({}),
): (intact: MemoryBus) => Partial<Bus> {
  return (intact) => ({
    connect: async (listener) => {
      const connection = await intact.connect(listen(listener));
      return { ...connection, ...connect(connection, intact) };
    },
  });
}

function changed(intact: MemoryBus, change: (intact: MemoryBus) => Partial<Bus>): Bus {
  const bus: Bus = {
    reach: 'process',
    publish: (...args) => intact.publish(...args),
    connect: (...args) => intact.connect(...args),
    position: () => intact.position(),
    history: (...args) => intact.history(...args),
    put: (...args) => intact.put(...args),
    take: (...args) => intact.take(...args),
    stamp: (...args) => intact.stamp(...args),
    tabs: (...args) => intact.tabs(...args),
    allTabs: (...args) => intact.allTabs(...args),
    users: (...args) => intact.users(...args),
    countUsers: (...args) => intact.countUsers(...args),
    nameLineage: (...args) => intact.nameLineage(...args),
    lineageOf: (...args) => intact.lineageOf(...args),
    close: () => intact.close(),
  };
  return { ...bus, ...change(intact) };
}
