/**
 * The client of live sessions, for browsers: an ES module without a build step.
 *
 * @module
 */
import { LiveConnection } from './live-connection.js';
import { type ConnectOptions, connectSettings } from './options.js';

export type { SessionEvents } from './events.js';
export type { LiveConnection } from './live-connection.js';
export type { Morph } from './markup.js';
export type { ConnectCsrfOptions, ConnectOptions } from './options.js';
export type { StreamState } from './stream.js';

/**
 * Connects the page to its session: opens the stream, and applies what the server sends.
 * @throws TypeError for an invalid option, or if the Content-Security-Policy of the page has `trusted-types` without
 * `sessions-jwt`
 */
export function connectSession(options: ConnectOptions): LiveConnection {
  return new LiveConnection(connectSettings(options, document.baseURI));
}
