import { createRequire } from 'node:module';
import { toNodeHandler } from 'srvx/node';
import type { Handler } from './deferred-head.js';

/** A handler of the Fetch standard, as servers call it. */
export type WebHandler = (request: Request, given?: object) => Response | Promise<Response>;

/** A server on top of `node:http` for handlers of the Fetch standard. */
export interface WebServer {
  readonly name: string;
  /** Whether a response made of a text has a Content-Length. */
  readonly countsText: boolean;
  listener(handler: WebHandler, trustProxy?: boolean): Handler;
  /** Node's response behind a request. */
  outgoingOf(request: Request, given: unknown): unknown;
}

/** Its own types need those of browsers. */
const { getRequestListener }: { getRequestListener(handler: WebHandler): Handler } = createRequire(import.meta.url)(
  '@hono/node-server',
);

const native = { Request, Response };

/** Undoes what @hono/node-server does to the global Request and Response, for the tests of other files. */
export function restoreGlobals(): void {
  Object.assign(globalThis, native);
}

/** With its own Request and Response in place of the global ones, as is its default. */
export const honoServer: WebServer = {
  name: '@hono/node-server',
  countsText: true,
  listener: (handler, trustProxy) => getRequestListener(trustProxy ? trustingProxy(handler) : handler),
  outgoingOf: (_request, given) => at(given, 'outgoing'),
};

export const srvxServer: WebServer = {
  name: 'srvx',
  countsText: false,
  listener: (handler, trustProxy = false) => {
    const listener = toNodeHandler((request) => handler(request), { trustProxy });
    return (incoming, outgoing) => Reflect.apply(listener, undefined, [incoming, outgoing]);
  },
  outgoingOf: (request) => at(at(at(request, 'runtime'), 'node'), 'res'),
};

/** What applications behind a proxy do whose server does not trust proxies itself. */
function trustingProxy(handler: WebHandler): WebHandler {
  return (request, given) => {
    const url = new URL(request.url);
    const [host, protocol] = ['host', 'proto'].map((name) => request.headers.get(`x-forwarded-${name}`));
    if (typeof host === 'string') {
      url.port = '';
      url.host = host;
    }
    if (typeof protocol === 'string') url.protocol = protocol;
    return handler(new Request(url, request), given);
  };
}

/** Resolves when Node's response is over. */
export function closing(outgoing: unknown): Promise<void> {
  return new Promise((resolve) => {
    const once = at(outgoing, 'once');
    if (typeof once === 'function') Reflect.apply(once, outgoing, ['close', resolve]);
  });
}

function at(value: unknown, name: string): unknown {
  return Reflect.get(Object(value), name);
}
