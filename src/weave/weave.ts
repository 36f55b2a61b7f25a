import type { CsrfOptions } from '../http/csrf/options.js';
import { type IdentityOptions, readIdentityOption } from '../http/identity-options.js';
import { CookieTransport } from '../http/transports/cookie.js';
import type { CookieOptions } from '../http/transports/cookie-options.js';
import { MemoryBus } from '../live/memory-bus.js';
import type { LiveSession } from '../live/target.js';
import type { ServerSession } from '../session/server-session.js';
import type { OpenedSession } from '../storage/session-source.js';
import { defaultStorage, type WeaveOptions, type WeaveSettings, type WeaveStorage, weaveSettings } from './options.js';
import { type WeaveSecrets, weaveSecrets } from './secrets.js';
import { WeaveLive } from './weave-live.js';
import { type TabSettings, type WeaveRequest, WeaveTab } from './weave-tab.js';

/** Options for `activateSessions`: the three cookies, and the CSRF check. */
export interface WeaveActivateOptions<Kind extends OpenedSession> {
  readonly sessionStorage: WeaveStorage<Kind>;
  readonly cookie: CookieOptions;
  /** The first visit gets a session, and with it the CSRF token. */
  readonly create: 'eager';
  readonly csrf: Pick<CsrfOptions<unknown>, 'token' | 'cookie' | 'header' | 'secret'>;
  readonly identity: IdentityOptions;
}

/** Sessions as Weave has them: what adapters need, and functions for handlers. `weaveSessions` makes it. */
export class Weave<Kind extends OpenedSession = ServerSession> {
  /** For `activateSessions` of an adapter. */
  readonly options: WeaveActivateOptions<Kind>;
  /** The source for `stream` of an adapter, and all that live sessions can do. */
  readonly live: WeaveLive;
  readonly #tabs: TabSettings;

  /** @internal */
  constructor(
    { cookies, secure, live }: WeaveSettings,
    { csrfSecret, jwtSecret }: WeaveSecrets,
    sessionStorage: WeaveStorage<Kind>,
  ) {
    const cookie = { name: cookies.sid, secure };
    const identity = { cookie: cookies.auth, jwtSecret };
    const csrf = { token: true, cookie: cookies.csrf, header: 'X-CSRF-Token', secret: csrfSecret };
    this.options = { sessionStorage, cookie, create: 'eager', csrf, identity };
    this.live = new WeaveLive({ ...live, bus: live.bus ?? new MemoryBus(), sessionStorage });
    this.#tabs = {
      live: this.live,
      authCookie: readIdentityOption(identity, new CookieTransport(cookie)),
      clock: sessionStorage.clock,
      isAlwaysSecure: secure === true,
    };
  }

  /**
   * The tab that a request came from: sign-in, sign-out, and what is sent to it. Call it before the session changes.
   * @throws TypeError if the request has no session or no headers @throws CsrfRefused if it needs a CSRF token, and has no good one
   */
  of(request: WeaveRequest): WeaveTab {
    return new WeaveTab(this.#tabs, request);
  }

  /** When a tab of a session, or the session, was last active: ms timestamp; `undefined` if that is not known. @throws StoreUnavailable */
  async lastActivity(sessionId: LiveSession, instanceId?: string): Promise<number | undefined> {
    return await this.live.lastActivity(sessionId, instanceId);
  }

  /** When each tab of a session was last active: instance id to ms timestamp. @throws StoreUnavailable */
  async sessionActivity(sessionId: LiveSession): Promise<Record<string, number>> {
    return await this.live.sessionActivity(sessionId);
  }

  /** The same for every session: lineage to instance id to ms timestamp. With a session, as `sessionActivity`. @throws StoreUnavailable */
  sessionActivities(): Promise<Record<string, Record<string, number>>>;
  sessionActivities(sessionId: LiveSession): Promise<Record<string, number>>;
  async sessionActivities(
    sessionId?: LiveSession,
  ): Promise<Record<string, number> | Record<string, Record<string, number>>> {
    return sessionId === undefined ? await this.live.sessionActivities() : await this.live.sessionActivity(sessionId);
  }
}

/**
 * Sets up sessions as Weave has them.
 *
 * ```ts
 * const weave = weaveSessions({ csrfSecret, jwtSecret });
 * const sessions = activateSessions(weave.options);
 * app.use(sessions, sessions.checkCsrf); // every POST needs the CSRF token
 * app.all('/live', stream(weave.live));
 * ```
 * @throws TypeError that names the invalid option
 */
export function weaveSessions(options?: WeaveOptions): Weave;
export function weaveSessions<Kind extends OpenedSession>(
  options: WeaveOptions<Kind> & { readonly sessionStorage: WeaveStorage<Kind> },
): Weave<Kind>;
export function weaveSessions<Kind extends OpenedSession>(
  options: WeaveOptions<Kind> = {},
): Weave<Kind> | Weave<ServerSession> {
  const settings = weaveSettings(options);
  const secrets = weaveSecrets(options);
  return options.sessionStorage === undefined
    ? new Weave<ServerSession>(settings, secrets, defaultStorage())
    : new Weave(settings, secrets, options.sessionStorage);
}
