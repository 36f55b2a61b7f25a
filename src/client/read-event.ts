import type { WireEvent } from '../live/wire-events.js';

const CLAIM = /^[\w-]{43}$/;

/** The event in a block of a stream; `undefined` for an unknown type or malformed data. */
export function readEvent(type: string, json: string): WireEvent | undefined {
  const data = parse(json);
  if (typeof data !== 'object' || data === null) return undefined;
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(data, name);
    return typeof value === 'string' ? value : undefined;
  };
  switch (type) {
    case 'open': {
      const [instance, session, replayed] = [text('instance'), text('session'), flagOf(data)];
      return isInstance(instance) && session !== undefined && replayed !== undefined
        ? { type, data: { instance, session, replayed } }
        : undefined;
    }
    case 'html': {
      const html = text('html');
      return html === undefined ? undefined : { type, data: { html } };
    }
    case 'path': {
      const path = text('path');
      return path === undefined ? undefined : { type, data: { path } };
    }
    case 'cookie': {
      const claim = text('claim');
      return claim === undefined || !CLAIM.test(claim) ? undefined : { type, data: { claim } };
    }
    case 'message': {
      const name = text('name');
      return name === undefined ? undefined : { type, data: { name, data: Reflect.get(data, 'data') } };
    }
    case 'reconnect':
    case 'end': {
      const reason = text('reason');
      return reason === undefined ? undefined : { type, data: { reason } };
    }
    case 'reload':
    case 'missed':
      return { type, data: {} };
    default:
      return undefined;
  }
}

/** Whether a value can be the id of a tab. */
export function isInstance(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
}

/** The flag of an `open` event; `undefined` if it is malformed. */
function flagOf(data: object): boolean | null | undefined {
  const value: unknown = Reflect.get(data, 'replayed');
  return typeof value === 'boolean' || value === null ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
