import { z } from 'zod';
import { activateSessions, type CookieOptions, type ExpressSessions, type HeaderOptions } from '../adapters/express.js';
import { strictOptions } from '../lib/strict-options.js';
import type { OpenedSession, SessionSource } from '../storage/session-source.js';

/** What `controller.activateSessions` takes: the ancestor's names. */
export interface ControllerSessionsOptions<Kind extends OpenedSession, AutoCreate extends boolean = boolean> {
  /** Where sessions come from, such as `applicationContext.dependencies.sessions.sessionStorage`. */
  readonly sessionStorage: SessionSource<Kind>;
  /** The sid in a cookie: `true` for one named `sid`, a name, or options. Default false. At least one of cookie and header. */
  readonly cookie?: boolean | string | CookieOptions | undefined;
  /**
   * The sid in a header: `true` for `X-Session-Id`, a name, or options. Default false. A request with it is judged by it
   * alone.
   *
   * Its `announce` defaults to `true` here, because the ancestor answered by every transport it had. Next to a cookie
   * this shows the sid to scripts of the page, which HttpOnly would hide (OWASP ASVS 3.3.4): for browsers pass the
   * cookie alone, or `header: { announce: false }`.
   */
  readonly header?: boolean | string | HeaderOptions | undefined;
  /**
   * Whether a request without a session gets one. Default `true`: at once, and the response carries it even when the
   * handler put nothing in it ('eager' of the adapters, not their 'lazy'), because a Foxx client may count on finding
   * its sid in the first response, whatever that request was. Such responses are `Cache-Control: no-store`.
   *
   * `false`: `request.session` is undefined for such a request, and nobody can be signed in by it.
   */
  readonly autoCreateSession?: AutoCreate | undefined;
}

const OPTIONS = z.strictObject({
  sessionStorage: z.unknown().optional(),
  cookie: z.unknown().optional(),
  header: z.unknown().optional(),
  autoCreateSession: z.boolean('expected true or false').default(true),
});

/** @throws TypeError naming the option that is wrong */
export function controllerSessions<Kind extends OpenedSession>(
  options: ControllerSessionsOptions<Kind>,
): ExpressSessions<Kind, Kind | undefined> {
  const { autoCreateSession } = strictOptions('controller.activateSessions', OPTIONS, options);
  const { sessionStorage, cookie, header } = options;
  return activateSessions<Kind, 'eager' | 'never'>({
    sessionStorage,
    cookie,
    header: announced(header),
    create: autoCreateSession ? 'eager' : 'never',
  });
}

type HeaderOption = ControllerSessionsOptions<OpenedSession>['header'];

function announced(header: HeaderOption): HeaderOption {
  if (header === true) return { announce: true };
  if (typeof header === 'string') return { name: header, announce: true };
  if (typeof header !== 'object' || header === null) return header;
  return { ...header, announce: header.announce ?? true };
}
