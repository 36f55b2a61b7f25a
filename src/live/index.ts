/**
 * Live sessions: streams of server-sent events that end when their session does, and the activity of tabs.
 *
 * @module
 */

export type {
  Bus,
  BusConnection,
  BusHistory,
  BusKeeping,
  BusListener,
  BusMessage,
  TabActivity,
  TabSign,
  UserActivity,
} from '../ports/bus.js';
export type { Sink, StreamHead, StreamRequest, StreamSource } from '../ports/stream.js';
export type { Tab } from './activity.js';
export type { LiveEvent } from './events.js';
export { cookie, html, message, path, reload } from './events.js';
export type { LiveConnection } from './live-sessions.js';
export { LiveSessions } from './live-sessions.js';
export type { LiveLimits, LiveOptions, LiveStorage, StateOfSession } from './options.js';
export type { LiveSession, LiveTarget } from './target.js';
export type {
  CookieEvent,
  EndEvent,
  HtmlEvent,
  MessageEvent,
  MissedEvent,
  OpenEvent,
  PathEvent,
  ReconnectEvent,
  ReloadEvent,
  WireEvent,
} from './wire-events.js';
