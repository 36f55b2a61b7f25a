import type { IdentityCookie } from '../http/identity-cookie.js';
import { isInstanceId } from '../lib/instance-id.js';
import { isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { cookie, html, type LiveEvent, path, reload } from '../live/events.js';
import type { LiveTarget } from '../live/target.js';
import type { Clock } from '../ports/clock.js';
import { SessionModel } from '../session/session.js';
import { type UserId, uidOf } from '../session/user.js';
import { authCookieOf } from './auth-cookie.js';
import type { WeaveLive } from './weave-live.js';

/** A request of a tab: that of Express or Fastify, the context of Koa, or `{ session, headers }`. */
export interface WeaveRequest {
  /** The session that `activateSessions` gave the request. */
  readonly session: unknown;
  /** The request headers, of which `X-Session-Instance` names the tab. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `'https'` if the request came over TLS. Default: it did not. */
  readonly protocol?: string | undefined;
}

/** Who signs in: JSON, with a name. `uid` is the user's id; without it, the name is. */
export interface WeaveIdentity {
  /** The user's name. */
  readonly name: string;
  /** The user's id. Default: the name. */
  readonly uid?: UserId | undefined;
  readonly [key: string]: unknown;
}

/** What a tab needs from `weaveSessions`. */
export interface TabSettings {
  readonly live: WeaveLive;
  readonly authCookie: IdentityCookie;
  readonly clock: Clock;
  readonly isAlwaysSecure: boolean;
}

/** The tab that a request came from, and its session. Events of one request arrive in the order of the calls. */
export class WeaveTab {
  /** The request's session. */
  readonly session: SessionModel<unknown, unknown>;
  /** The id of the tab; `undefined` if the request does not name one. */
  readonly instance: string | undefined;
  readonly #settings: TabSettings;
  readonly #isSecure: boolean;
  /** The session whose streams know what is sent to it. */
  #lineage: string;
  #last: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(settings: TabSettings, request: WeaveRequest) {
    const { session, headers, protocol }: { readonly [Name in keyof WeaveRequest]?: unknown } = Object(request);
    if (!(session instanceof SessionModel)) {
      const got = request === Object(request) ? `one with ${kindOf(session)}` : kindOf(request);
      throw new TypeError(
        `weave.of: expected a request with a session, got ${got}: install activateSessions(weave.options) before the route, or pass { session, headers }`,
      );
    }
    if (typeof headers !== 'object' || headers === null) {
      throw new TypeError(
        `weave.of: expected the headers of the request, got ${kindOf(headers)}: pass the request, or { session, headers }`,
      );
    }
    const instance =
      headers instanceof Headers ? headers.get('x-session-instance') : Reflect.get(headers, 'x-session-instance');
    this.session = session;
    this.instance = isInstanceId(instance) ? instance : undefined;
    this.#settings = settings;
    this.#isSecure = settings.isAlwaysSecure || protocol === 'https';
    this.#lineage = session.lineage;
  }

  /** Who is signed in: what `signIn` was given, with `authenticated: true`; `undefined` if nobody is. */
  get identity(): Readonly<Record<string, unknown>> | undefined {
    const { uid, userData } = this.session;
    return uid === undefined ? undefined : { ...Object(userData), uid, authenticated: true };
  }

  /**
   * Signs a user in. The session gets a new id, and its data is kept. The response to this request carries the new cookies, so call it
   * before the response begins.
   * @returns the auth cookie, as the value of a Set-Cookie header, for `setCookie`
   * @throws TypeError for an identity without a name, or with a `uid` that is no user id @throws SessionDataInvalid if JSON cannot represent it
   * @throws SessionHeadSent after the response has begun
   */
  signIn(identity: WeaveIdentity): string {
    const { uid = identity?.name, ...userData }: WeaveIdentity = isPlainObject(identity) ? identity : { name: '' };
    if (typeof userData.name !== 'string' || userData.name === '') {
      throw new TypeError('signIn: expected an identity with a name, such as { name, role }');
    }
    this.session.setUser(uidOf(uid), userData);
    return this.#authCookie();
  }

  /**
   * Signs the user out. The session gets a new id and loses its data. The response to this request carries the new cookies.
   * @returns what clears the auth cookie, as the value of a Set-Cookie header, for `setCookie`
   * @throws SessionHeadSent after the response has begun
   */
  signOut(): string {
    this.session.setUser(null, { keep: [] });
    return this.#authCookie();
  }

  /**
   * Gives the browser a cookie. The stream carries a claim that works once, and the tab fetches the cookie with it, before it handles
   * what is sent next. So scripts never see the cookie, and it can be HttpOnly.
   * @param setCookie the value of a Set-Cookie header
   * @throws TypeError unless it is one, and if the request names no tab @throws StoreUnavailable
   */
  async setCookie(setCookie: string): Promise<void> {
    await this.#push('setCookie', cookie(setCookie));
  }

  /** Sends markup to this tab: each root replaces the element with its id. @throws TypeError @throws StoreUnavailable */
  async pushHtml(markup: string): Promise<void> {
    await this.#push('pushHtml', html(markup));
  }

  /** Sends this tab to a path of its own origin. @throws TypeError @throws StoreUnavailable */
  async pushPath(url: string): Promise<void> {
    await this.#push('pushPath', path(url));
  }

  /** Makes this tab reload. @throws TypeError if the request names no tab @throws StoreUnavailable */
  async pushReload(): Promise<void> {
    await this.#push('pushReload', reload());
  }

  /** Sends markup to all tabs of the session. @throws TypeError @throws StoreUnavailable */
  async broadcastHtml(markup: string): Promise<void> {
    await this.#send(this.#all(), html(markup));
  }

  /** Sends all tabs of the session to a path of their own origin. @throws TypeError @throws StoreUnavailable */
  async broadcastPath(url: string): Promise<void> {
    await this.#send(this.#all(), path(url));
  }

  /** Makes all tabs of the session reload. @throws StoreUnavailable */
  async broadcastReload(): Promise<void> {
    await this.#send(this.#all(), reload());
  }

  #all(): { readonly id: string; readonly lineage: string } {
    const { id, lineage } = this.session;
    return { id, lineage };
  }

  #push(what: string, event: LiveEvent): Promise<void> {
    const { instance } = this;
    if (instance !== undefined) return this.#send({ ...this.#all(), instance }, event);
    throw new TypeError(
      `${what}: the request names no tab: send it with fetch of the client, or with the header X-Session-Instance`,
    );
  }

  /** One after the other, also if the application does not wait. */
  #send(target: LiveTarget, event: LiveEvent): Promise<void> {
    const { lineage } = this.session;
    const sent = this.#last.then(async () => {
      if (lineage !== this.#lineage) {
        await this.#settings.live.handOver(this.#lineage, lineage, this.instance);
        this.#lineage = lineage;
      }
      await this.#settings.live.send(target, event);
    });
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  #authCookie(): string {
    const { authCookie, clock } = this.#settings;
    return authCookieOf(authCookie, this.session, clock.now(), this.#isSecure);
  }
}
