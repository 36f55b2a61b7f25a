import { createServer, type ServerResponse } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { listening } from '../http/servers.js';
import { type LiveServers, NEWS } from './live-server.js';

const HEAD = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
const EVENT: Buffer = Buffer.from(
  `id: 12345678.000000000001~abcdefgh\nevent: message\ndata: {"name":"news","data":"${NEWS}"}\n\n`,
);

/** The same as the chunk that `response.write` makes of it. */
const CHUNK = Buffer.from(`${EVENT.length.toString(16)}\r\n${EVENT}\r\n`);

/** A stream by hand, and the loop that writes an event to all: what the framework itself costs. */
class WriteLoop {
  readonly #streams = new Set<ServerResponse>();
  readonly #write: (stream: ServerResponse) => unknown;

  constructor(write: (stream: ServerResponse) => unknown = (stream) => stream.write(EVENT)) {
    this.#write = write;
  }

  open(response: ServerResponse): void {
    response.writeHead(200, HEAD);
    response.write(':\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  broadcast(): void {
    for (const stream of this.#streams) this.#write(stream);
  }
}

/** Streams without sessions and without a library. */
export const BARE_LIVE: LiveServers = {
  'node:http, write loop': async () => {
    const loop = new WriteLoop();
    const server = await listening(createServer((_request, response) => loop.open(response)));
    return { server, broadcast: () => loop.broadcast() };
  },

  // The least that a broadcast can cost in Node: nothing but a write to each socket.
  'node:http, socket loop': async () => {
    const loop = new WriteLoop((stream) => stream.socket?.write(CHUNK));
    const server = await listening(createServer((_request, response) => loop.open(response)));
    return { server, broadcast: () => loop.broadcast() };
  },

  'Express, write loop': async () => {
    const loop = new WriteLoop();
    const app = express();
    app.get('/live', (_request, response) => loop.open(response));
    return { server: await listening(createServer(app)), broadcast: () => loop.broadcast() };
  },

  'Fastify, write loop': async () => {
    const loop = new WriteLoop();
    const app = Fastify();
    app.get('/live', (_request, reply) => {
      reply.hijack();
      loop.open(reply.raw);
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { server: app.server, broadcast: () => loop.broadcast() };
  },
};
