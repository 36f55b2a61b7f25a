import type { SessionError } from '../../errors.js';
import type { CsrfBodyAccess, SessionAccess } from '../../http/activation.js';

/** What the server passed as second argument, and the session. */
export type SessionContext<Found, Given = object, Property extends string = 'session'> = Given & {
  [name in Property]: Found;
};

/** A handler with sessions. */
export type SessionHandler<Found, Given = object, Property extends string = 'session'> = (
  request: Request,
  context: SessionContext<Found, Given, Property>,
) => Response | Promise<Response>;

/** A handler as servers call it. What is not needed may be left out. */
export type FetchHandler<Given> = (
  request: Request,
  ...given: object extends Given ? [given?: Given] : [given: Given]
) => Promise<Response>;

/** Gives handlers their sessions. */
export interface FetchSessions<Kind, Found = Kind, Property extends string = 'session'>
  extends SessionAccess<Kind, Found, Request, Request>,
    CsrfBodyAccess<Request> {
  <Given extends object = object>(handler: SessionHandler<Found, Given, Property>): FetchHandler<Given>;
  /** `given`: the second argument of the handler, if any. @throws StoreUnavailable */
  read(request: Request, given?: object): Promise<Kind | undefined>;
}

/** What to do about errors. */
export interface FetchHooks {
  /**
   * Answers a request whose session could not be opened or saved, such as while the store is down. Default: the error's
   * status, and `{ "code": ... }` as JSON. What the handler throws does not come here, except CsrfRefused.
   */
  readonly onError?: ((error: SessionError, request: Request) => Response | Promise<Response>) | undefined;
}
