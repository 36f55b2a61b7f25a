import type { Readable } from 'node:stream';
import type { ActivateOptions } from '../http/activate-options.js';
import type { CsrfOptions } from '../http/csrf/options.js';
import type { SessionModel } from '../session/session.js';

/** What the cases of {@link adapterSuite} keep in `sessionData`. */
export interface AdapterData {
  count?: number;
  text?: string;
}

/** What they keep in `userData`. */
export interface AdapterUser {
  name?: string;
}

/** A session in the cases of {@link adapterSuite}, in a token or in a store. */
export type AdapterSession = SessionModel<AdapterData, AdapterUser>;

type PassedOptions = Pick<
  ActivateOptions<AdapterSession, never>,
  'sessionStorage' | 'cookie' | 'header' | 'create' | 'identity'
>;

/** One call of `activateSessions`. */
export interface AdapterActivation {
  /** Options to pass on as they are. */
  readonly options: PassedOptions & {
    readonly property: string;
    readonly csrf?: false | Omit<CsrfOptions<never>, 'exempt'> | undefined;
  };
  /** The option `only`, for the path of a request. */
  readonly only: (path: string) => boolean;
  /** The option `passive`, for the path of a request. */
  readonly passive: (path: string) => boolean;
  /** If set, install it in a sub-application that is mounted at this path, instead of in the application itself. */
  readonly mount: string | undefined;
}

/** A request as a route of the cases sees it. */
export interface AdapterCall {
  /** A parameter of the query string; any text if there is none of this name. */
  query(name: string): string;
  /** The session that is in this property of the request, or in its place; `undefined` if there is none. Default: `'session'`. */
  session(property?: string): AdapterSession | undefined;
}

/** What a route answers, to be sent in the framework's usual way. */
export type AdapterReply = {
  /** Default 200, and 302 for a redirect. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
} & (
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly redirect: string }
  | { readonly stream: Readable }
  | { readonly empty: true }
);

/** An application to serve. */
export interface AdapterApp {
  /** To be installed in this order, before the routes. */
  readonly activations: readonly AdapterActivation[];
  /**
   * The routes by path, for every method. A route that throws, or rejects, goes to the error handler. It answers with the `status` of
   * the error, or 500, and with `{ "code": ... }` as JSON, and adds the error to `errors`.
   */
  readonly routes: Readonly<Record<string, (call: AdapterCall) => AdapterReply | Promise<AdapterReply>>>;
  /** Whether to trust the `X-Forwarded-*` headers of whoever sends a request. */
  readonly trustProxy: boolean;
}

/** A request of the cases. */
export interface AdapterRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a client received. */
export interface AdapterResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An application that is served. */
export interface AdapterServer {
  /** Where it listens, such as `http://127.0.0.1:3000`. Of an application that is called in-process: what requests name as their host. */
  readonly url: string;
  /** What reached the error handler, oldest first. */
  readonly errors: readonly unknown[];
  /** Stops it. Connections may still be open. */
  close(): Promise<void>;
}

/** An application that is called without a connection, or over one that is not HTTP/1.1. */
export interface InjectedApp extends AdapterServer {
  /** Sends a request. Rejects if its response is cut off. */
  ask(request: AdapterRequest): Promise<AdapterResponse>;
}
