import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, constants, createServer as createServer2, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inject } from 'light-my-request';
import { SessionError } from '../../../src/index.js';
import type { AdapterRequest, AdapterResponse, AdapterServer, InjectedApp } from '../../../src/testing/index.js';

/** What a server of Node calls for each request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** An application, and what reached its error handler. */
export interface Built {
  readonly listener: Listener;
  readonly errors: readonly unknown[];
}

/** The status and code with which error handlers of the suite answer. */
export function answerTo(error: unknown): { readonly status: number; readonly code: string } {
  return error instanceof SessionError ? error : { status: 500, code: 'other' };
}

/** The path of a URL as requests contain it. */
export function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Serves it over HTTP/1.1. */
export async function served({ listener, errors }: Built): Promise<AdapterServer> {
  const server = createServer(listener);
  const url = await listening(server);
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, errors, close };
}

/** Calls it in-process, by HTTP/1.1 over a pair of streams. */
export async function connected({ listener, errors }: Built): Promise<InjectedApp> {
  const server = createServer(listener);
  const ask = async ({ method, path, headers }: AdapterRequest): Promise<AdapterResponse> => {
    const [ours, theirs] = streamPair();
    server.emit('connection', theirs);
    const outgoing = request({
      method,
      path,
      headers: { ...headers },
      createConnection: () => ours,
      host: '127.0.0.1',
    });
    outgoing.end();
    const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
    if (incoming === undefined) throw new Error('no response');
    const body = await buffer(incoming);
    return { status: Number(incoming.statusCode), body, headers: headersOf(incoming.headers) };
  };
  return { url: 'http://127.0.0.1', errors, ask, close: async () => undefined };
}

/** Two streams, each of which reads what is written to the other. */
function streamPair(): readonly [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk, _encoding, callback) {
        other().push(chunk);
        callback();
      },
      final(callback) {
        other().push(null);
        callback();
      },
      destroy(error, callback) {
        if (!other().destroyed) setImmediate(() => other().destroy());
        callback(error);
      },
    });
  const first: Duplex = make(() => second);
  const second: Duplex = make(() => first);
  return [first, second];
}

/** Calls it in-process, with requests and responses that have no socket. */
export async function injected({ listener, errors }: Built): Promise<InjectedApp> {
  const dispatch = (request: unknown, response: unknown) =>
    void Reflect.apply(listener, undefined, [request, response]);
  const ask = async ({ method, path, headers }: AdapterRequest): Promise<AdapterResponse> => {
    const asked = { method, url: path, headers: { host: '127.0.0.1', ...headers } };
    const response: unknown = await Reflect.apply(inject, undefined, [dispatch, asked]);
    const { statusCode: status, rawPayload: body, headers: got } = Object(response);
    return { status, body, headers: headersOf(got) };
  };
  return { url: 'http://127.0.0.1', errors, ask, close: async () => undefined };
}

/** Serves it over HTTP/2 without TLS. */
export async function servedByHttp2({ listener, errors }: Built): Promise<InjectedApp> {
  const server = createServer2((request, response) => void Reflect.apply(listener, undefined, [request, response]));
  const url = await listening(server);
  const client = connect(url);
  const ask = async ({ method, path, headers }: AdapterRequest): Promise<AdapterResponse> => {
    const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = constants;
    const stream = client.request({ ...headers, [HTTP2_HEADER_METHOD]: method, [HTTP2_HEADER_PATH]: path });
    stream.end();
    const [got]: IncomingHttpHeaders[] = await once(stream, 'response');
    const body = await buffer(stream);
    if (stream.aborted) throw new Error('the response was cut off');
    const { ':status': status, ...others } = got ?? {};
    return { status: Number(status), body, headers: headersOf(others) };
  };
  const close = async () => {
    client.destroy();
    server.close();
  };
  return { url, errors, ask, close };
}

function headersOf(given: object): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values].flat()) headers.append(name, String(value));
  }
  return headers;
}
