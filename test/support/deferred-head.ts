import { once } from 'node:events';
import {
  type Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import type { HeadHooks } from '../../src/http/node/deferred-head.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface Answer {
  status: number | undefined;
  message: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface Ask {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  agent?: Agent;
}

const open: Server[] = [];
const crashes: unknown[] = [];
const noteCrash = (error: unknown) => void crashes.push(error);

export async function serve(handler: Handler): Promise<number> {
  const server = createServer((incoming, response) => void handler(incoming, response));
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function ask(
  port: number,
  { path = '/', method = 'GET', headers = {}, agent }: Ask = {},
): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, path, method, headers, ...(agent && { agent }) });
  outgoing.end();
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  if (incoming === undefined) throw new Error('no response');
  const body = await buffer(incoming);
  const { statusCode: status, statusMessage: message } = incoming;
  return { status, message, headers: incoming.headers, body, text: body.toString() };
}

/** The failure of a request that gets no whole answer. */
export async function askInVain(port: number): Promise<Error> {
  try {
    await ask(port);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('there was a whole answer');
}

/** A promise that the test settles itself. */
export function promised() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** The turn of the event loop after the present one: nothing that was begun before is left in queues of this tick. */
export const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

export const unexpected = (error: unknown) => {
  throw error;
};

/** Answers as an error handler does. */
export const answer503 = (response: ServerResponse) => () => {
  response.statusCode = 503;
  response.setHeader('Content-Type', 'text/plain');
  response.end('no store');
};

/** The commit of most tests: one cookie, before or after a turn of the event loop. */
export function withCookie(response: ServerResponse, mode: Mode): HeadHooks {
  const set = () => {
    const lines = [response.getHeader('Set-Cookie') ?? []].flat().map(String);
    response.setHeader('Set-Cookie', [...lines, 'sid=1']);
  };
  return { commit: mode === 'synchronous' ? () => void set() : () => nextTurn().then(set), fail: unexpected };
}

export type Mode = 'synchronous' | 'asynchronous';
export const modes: readonly Mode[] = ['synchronous', 'asynchronous'];

/** Closes what {@link serve} opened. */
export function closeServers(): void {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}

/** Closes what {@link serve} opened, and fails a test whose handlers crashed the process. */
export function guardProcess(): void {
  beforeEach(() => {
    crashes.length = 0;
    process.prependListener('uncaughtExceptionMonitor', noteCrash);
  });

  afterEach(async () => {
    process.removeListener('uncaughtExceptionMonitor', noteCrash);
    closeServers();
    await nextTurn();
    expect(crashes).to.deep.equal([]);
  });
}
