import type { Request } from 'express';
import type { ConsoleSession } from './storage.js';

/** Patterns of a User-Agent and what they stand for. The first that matches counts: many browsers also name others. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/curl/, 'curl'],
  [/Edg/, 'Edge'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** What a request was sent with, such as 'Firefox on Linux'. Only a hint for the user: clients can send anything. */
export function clientOf(userAgent = ''): string {
  const [browser, system] = [BROWSERS, SYSTEMS].map((list) => list.find(([pattern]) => pattern.test(userAgent))?.[1]);
  if (browser === undefined) return 'unknown';
  return system === undefined ? browser : `${browser} on ${system}`;
}

/** What the user called the device, or else what it was signed in with. */
export function deviceName({ device, client }: Readonly<Record<string, unknown>>): string {
  if (typeof device === 'string') return device;
  return typeof client === 'string' ? client : 'unknown';
}

/** A short name for a browser tab: its id is too long to read. */
export function tabName(instance: string): string {
  return `tab ${instance
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 4)
    .toUpperCase()}`;
}

/** Where a request comes from, such as 'Firefox on Linux (tab 3F2A)'. */
export function placeOf(request: Request, { info }: ConsoleSession): string {
  const instance = request.get('X-Session-Instance');
  const device = deviceName(info);
  return instance === undefined ? device : `${device} (${tabName(instance)})`;
}
