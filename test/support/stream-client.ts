import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { connect, constants, createServer as createServer2, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Listener } from './adapter-apps/ways.js';

/** What a client asks for. */
export interface StreamAsk {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** A response whose head is here. Its body waits to be read. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Reads all of the body. Rejects if it was cut. */
  text(): Promise<string>;
  /** Leaves before the end. */
  leave(): void;
}

/** A server that was started, and its client. */
export interface StreamServer {
  ask(what?: StreamAsk): Promise<StreamAnswer>;
  close(): void;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Serves a listener over HTTP/1.1, to a client with one connection at a time. */
export async function overHttp1(listener: Listener): Promise<StreamServer> {
  const server = createServer((incoming, response) => void listener(incoming, response));
  const port = await portOf(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async ask({ path = '/live/events?a=1', method = 'GET', headers = {} } = {}) {
      const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent });
      outgoing.end();
      const [body]: IncomingMessage[] = await once(outgoing, 'response');
      if (body === undefined) throw new Error('no response');
      const text = async () => String(await buffer(body));
      return { status: Number(body.statusCode), headers: body.headers, body, text, leave: () => body.destroy() };
    },
    close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Serves a listener over HTTP/2 without TLS. */
export async function overHttp2(listener: Listener): Promise<StreamServer> {
  const server = createServer2((incoming, response) => void Reflect.apply(listener, undefined, [incoming, response]));
  const client = connect(`http://127.0.0.1:${await portOf(server)}`);
  return {
    async ask({ path = '/live/events?a=1', method = 'GET', headers = {} } = {}) {
      const body = client.request({ ...headers, ':method': method, ':path': path });
      body.end();
      const left = once(body, 'close').then(() => Promise.reject(new Error('the response was cut before its head')));
      const [head]: IncomingHttpHeaders[] = await Promise.race([once(body, 'response'), left]);
      left.catch(() => undefined);
      const { ':status': status, ...others } = head ?? {};
      const text = async () => {
        const read = String(await buffer(body));
        if (body.aborted || body.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error('the response was cut');
        return read;
      };
      return { status: Number(status), headers: others, body, text, leave: () => body.close() };
    },
    close() {
      client.destroy();
      server.close();
    },
  };
}
