import type { WireEvent } from './wire-events.js';

/** The fields of an event beside its type and data. */
export interface Framing {
  /** What the client sends back as Last-Event-ID: characters of `A-Z a-z 0-9 . _ ~ -`. */
  readonly id?: string | undefined;
  /** How long the client waits before it connects again: whole ms. */
  readonly retry?: number | undefined;
}

/** The data of an event as they travel: JSON in one line. */
export function dataOf({ data }: WireEvent): string {
  return JSON.stringify(data);
}

/**
 * The bytes of an event. Its type is one of a few, and its data are JSON in one line. So nothing that an application, a user or an
 * attacker writes can end an event or begin another one (WHATWG HTML 9.2.5 and 9.2.6).
 */
export function frame(type: WireEvent['type'], data: string, { id, retry }: Framing = {}): Buffer {
  const fields = [
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${type}`,
    `data: ${data}`,
  ];
  return Buffer.from(`${fields.join('\n')}\n\n`);
}
