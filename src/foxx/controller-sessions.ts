import type { Request } from 'express';
import {
  type ActivateOptions,
  activateSessions,
  type ExpressSessions,
  type HeaderOptions,
} from '../adapters/express.js';
import { ACTIVATE_CURES } from '../http/activate-cures.js';
import { storageOption } from '../http/activate-options.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { anything, flag } from '../lib/rules/kinds.js';
import { type Cures, strictOptions } from '../lib/strict-options.js';
import type { OpenedSession } from '../storage/session-source.js';

/** The options of `controller.activateSessions`, named as in Foxx. */
export interface ControllerSessionsOptions<Kind extends OpenedSession, AutoCreate extends boolean = boolean>
  extends Pick<ActivateOptions<Kind, Request>, 'sessionStorage' | 'cookie' | 'csrf'> {
  /**
   * Sends the sid in a header: `true` for `X-Session-Id`, a name, or options. Default `false`. If a request has the header,
   * its cookie is ignored.
   *
   * Here `announce` defaults to `true`, because Foxx sent the sid in every way it had. Next to a cookie, scripts of the
   * page can then read the sid, which HttpOnly would hide (OWASP ASVS 3.3.4). For browsers set `cookie` alone, or
   * `header: { announce: false }`.
   */
  readonly header?: boolean | string | HeaderOptions | undefined;
  /**
   * Whether a request without a session gets one. Default `true`: an empty session is sent at once, as with `create: 'eager'`
   * of the adapters, because Foxx clients may expect a sid in the first response. Such responses are
   * `Cache-Control: no-store`.
   *
   * `false`: `request.session` is undefined for such a request. To sign a user in, assign one that `sessionStorage.create()` made.
   */
  readonly autoCreateSession?: AutoCreate | undefined;
}

const OPTIONS = new FieldsRule({
  sessionStorage: storageOption,
  cookie: anything,
  header: anything,
  csrf: anything,
  autoCreateSession: flag('expected true or false').default(true),
});

const ELSEWHERE = "use activateSessions of sessions-jwt/express for it, with the service's router";

const CURES: Cures = {
  ...ACTIVATE_CURES,
  create: "use autoCreateSession: true for 'eager', autoCreateSession: false for 'never'",
  passive: ELSEWHERE,
  only: ELSEWHERE,
  property: ELSEWHERE,
  type: 'leave it out; sessionStorage decides how a session is kept, cookie and header how it is sent',
  jwt: 'leave it out; pass a SessionStorage with its jwtSecret as sessionStorage',
  cookieSecret: 'leave it out; pass a SessionStorage with its jwtSecret as sessionStorage',
};

/** @throws TypeError naming the option that is wrong */
export function controllerSessions<Kind extends OpenedSession>(
  options: ControllerSessionsOptions<Kind>,
): ExpressSessions<Kind, Kind | undefined> {
  const { autoCreateSession } = strictOptions('controller.activateSessions', OPTIONS, options, CURES);
  const { sessionStorage, cookie, header, csrf } = options;
  return activateSessions<Kind, 'eager' | 'never'>({
    sessionStorage,
    cookie,
    header: announced(header),
    csrf,
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
