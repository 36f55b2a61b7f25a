import { showAs } from '../lib/inspect.js';
import { kindOf } from '../lib/kind-of.js';
import { LONGEST_TIMER } from '../lib/whole-number.js';
import type { UserActivity } from '../ports/bus.js';
import type { Sink, StreamRequest, StreamSource } from '../ports/stream.js';
import { SessionModel } from '../session/session.js';
import type { Tab } from './activity.js';
import { answer } from './answer.js';
import { ClientReports } from './client-reports.js';
import type { Connection } from './connection.js';
import { CookieClaims } from './cookie-claims.js';
import { judgeEvent, type LiveEvent } from './events.js';
import { Hub } from './hub.js';
import { Opener } from './opener.js';
import { type LiveOptions, type LiveSettings, liveSettings } from './options.js';
import { type LiveSession, type LiveTarget, nameOf, Targets } from './target.js';
import { dataOf } from './wire.js';
import type { WireEvent } from './wire-events.js';

/** How many tabs and users the lists of everyone have at most. */
const LONGEST_LIST = 10_000;

/** How long clients wait at most before they come back after `drain`: ms. */
const DRAIN = 5_000;

/** An open stream of this process. */
export interface LiveConnection {
  readonly id: string;
  readonly lineage: string;
  readonly uid: string | undefined;
  readonly instance: string;
  /** ms timestamp. */
  readonly openedAt: number;
}

/**
 * Streams of server-sent events that live as long as their sessions. When a session ends, its streams end: in this process at once, in
 * others as soon as the bus has carried it there.
 *
 * ```ts
 * const live = new LiveSessions({ sessionStorage });
 * app.all('/live', stream(live)); // stream comes from the adapter
 * await live.send(session, html('<p id="note">Saved</p>'));
 * ```
 */
export class LiveSessions implements StreamSource {
  static {
    showAs(LiveSessions.prototype, (live) => `LiveSessions ${JSON.stringify({ streams: live.#hub.registry.size })}`);
  }

  readonly #settings: LiveSettings;
  readonly #hub: Hub;
  readonly #targets: Targets;
  readonly #opener: Opener;
  readonly #reports: ClientReports;
  readonly #claims: CookieClaims;

  /** @throws TypeError that names the invalid option */
  constructor(options: LiveOptions) {
    this.#settings = liveSettings(options);
    this.#hub = new Hub(this.#settings);
    this.#targets = new Targets(this.#hub.registry, this.#hub.activity);
    this.#opener = new Opener(this.#hub, (lineage, instance) => this.resumeFrom(lineage, instance));
    this.#claims = new CookieClaims(this.#settings.bus);
    this.#reports = new ClientReports(this.#hub.clock, this.#hub.activity, this.#claims);
  }

  /**
   * Answers a request for a stream (GET), or what a client reports beside it (POST). Adapters call it. A request whose sid opens no
   * session is answered 204, which stops an EventSource.
   * @throws TypeError if the session is not one @throws StoreUnavailable if the bus does not answer
   */
  async open(request: StreamRequest, sink: Sink): Promise<void> {
    const { session } = request;
    if (session !== undefined && !(session instanceof SessionModel)) {
      throw new TypeError(`stream: expected the session of the request, got ${kindOf(session)}`);
    }
    if (session === undefined || session.isNew || session.isEnded) return answer(sink, 204);
    if (request.method === 'POST') return await this.#reports.take(request, session, sink);
    await this.#opener.open(request, session, sink);
  }

  /**
   * Sends an event to the open streams of a target, and to those that were away for a short time. Resolves when the bus has it. A tab
   * gets the events of its session in their order, and after a failure perhaps one twice.
   * @throws TypeError for a target or an event that is none, and for a malformed id; for a cookie that is not for one session
   * @throws SessionDataInvalid if JSON cannot represent the data of a message
   * @throws StoreUnavailable if the bus does not take it
   */
  async send(target: LiveTarget, event: LiveEvent): Promise<void> {
    const judged = judgeEvent(event);
    const { topic, lineage, instance } = await this.#targets.addressOf(target);
    const wire = await this.#wireOf(judged, lineage);
    const envelope = { kind: 'event', type: wire.type, data: dataOf(wire) } as const;
    await this.#hub.feed.publish(topic, instance === undefined ? envelope : { ...envelope, instance });
  }

  /**
   * When a session was last active, or one of its tabs: ms timestamp. `undefined` if that is not known, or longer ago than
   * `activityWindow`.
   * @throws StoreUnavailable
   */
  async lastActivity(session: LiveSession, instance?: string): Promise<number | undefined> {
    return await this.#hub.activity.lastActivity(await this.#targets.lineageOf('lastActivity', session), instance);
  }

  /** When each tab of a session was last active: instance id to ms timestamp. @throws StoreUnavailable */
  async sessionActivity(session: LiveSession): Promise<Record<string, number>> {
    return await this.#hub.activity.ofSession(await this.#targets.lineageOf('sessionActivity', session));
  }

  /**
   * When each tab of every session was last active: lineage to instance id to ms timestamp, of the 10,000 tabs that were active last.
   * With a session, the same as `sessionActivity`.
   * @throws StoreUnavailable
   */
  sessionActivities(): Promise<Record<string, Record<string, number>>>;
  sessionActivities(session: LiveSession): Promise<Record<string, number>>;
  async sessionActivities(
    session?: LiveSession,
  ): Promise<Record<string, number> | Record<string, Record<string, number>>> {
    return session === undefined ? await this.#hub.activity.ofAll(LONGEST_LIST) : await this.sessionActivity(session);
  }

  /** The tabs of a session, in all processes, the last active first. @throws StoreUnavailable */
  async tabs(session: LiveSession): Promise<readonly Tab[]> {
    return await this.#hub.activity.tabs(await this.#targets.lineageOf('tabs', session));
  }

  /**
   * The users that were active within the last `window` ms, the last active first: how many, and the first 10,000 of them.
   * @throws TypeError unless `window` is a positive number of ms, at most `activityWindow` @throws StoreUnavailable
   */
  async activeUsers(
    window: number = this.#settings.activityWindow,
  ): Promise<{ readonly count: number; readonly users: readonly UserActivity[] }> {
    if (!(window > 0 && window <= this.#settings.activityWindow)) {
      throw new TypeError(
        `activeUsers: expected a number of ms above 0, at most activityWindow, got ${String(window)}`,
      );
    }
    const users = await this.#hub.activity.users(window, LONGEST_LIST);
    return { users, count: users.length < LONGEST_LIST ? users.length : await this.#hub.activity.countUsers(window) };
  }

  /** The open streams of this process, or those of one session. @throws TypeError if the session is none */
  connections(session?: LiveSession): readonly LiveConnection[] {
    const { registry } = this.#hub;
    if (session === undefined) return registry.all().map(factsOf);
    const found = registry.ofSession(nameOf('connections', session));
    if (typeof session !== 'string') return found.map(factsOf);
    return (found.length > 0 ? found : registry.ofId(session)).map(factsOf);
  }

  /**
   * Sends all streams of this process away, so that its server can close. Their clients come back within `within` ms, at random
   * times, to another process; here they are answered 503. Resolves when no stream is left.
   * @throws TypeError unless `within` is a whole number of ms from 0 on
   */
  async drain({ within = DRAIN }: { readonly within?: number | undefined } = {}): Promise<void> {
    if (!Number.isInteger(within) || within < 0 || within > LONGEST_TIMER) {
      throw new TypeError(`drain: option within: expected a whole number of ms, 0 or more, got ${String(within)}`);
    }
    await this.#hub.drain(within);
  }

  /** Ends all streams of this process, and stops listening to the storage and the bus. The bus stays open: close it yourself. */
  async close(): Promise<void> {
    await this.#hub.close();
  }

  /** @internal From which event id the first stream of a tab resumes; `undefined`: from now on. */
  protected async resumeFrom(_lineage: string, _instance: string): Promise<string | undefined> {
    return undefined;
  }

  async #wireOf(event: LiveEvent, lineage: string | undefined): Promise<SentEvent> {
    switch (event.type) {
      case 'html':
        return { type: 'html', data: { html: event.html } };
      case 'path':
        return { type: 'path', data: { path: event.path } };
      case 'reload':
        return { type: 'reload', data: {} };
      case 'message':
        return { type: 'message', data: { name: event.name, data: event.data } };
      case 'cookie':
        if (lineage === undefined) throw new TypeError('send: a cookie is for one session: name it by { id }');
        return { type: 'cookie', data: { claim: await this.#claims.issue(lineage, event.cookie) } };
    }
  }
}

type SentEvent = Extract<WireEvent, { readonly type: LiveEvent['type'] }>;

function factsOf({ id, lineage, uid, instance, openedAt }: Connection): LiveConnection {
  return { id, lineage, uid, instance, openedAt };
}
