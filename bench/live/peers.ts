import { createServer } from 'node:http';
import { fastifySSE, type SSEReplyInterface } from '@fastify/sse';
import { createChannel, createSession } from 'better-sse';
import express from 'express';
import Fastify from 'fastify';
import { listening } from '../http/servers.js';
import { type LiveServers, NEWS } from './live-server.js';

/** Streams of other libraries. They know nothing of sessions, and replay nothing. */
export const LIVE_PEERS: LiveServers = {
  'Express, better-sse': async () => {
    const channel = createChannel();
    const app = express();
    app.get('/live', async (request, response) => {
      channel.register(await createSession(request, response, { keepAlive: null }));
    });
    return {
      server: await listening(createServer(app)),
      broadcast: () => channel.broadcast({ name: 'news', data: NEWS }, 'message'),
    };
  },

  'Fastify, @fastify/sse': async () => {
    const streams = new Set<SSEReplyInterface>();
    const app = Fastify();
    await app.register(fastifySSE, { heartbeatInterval: 0 });
    app.get('/live', { sse: 'only' }, async (_request, reply) => {
      const stream = reply.sse;
      stream.keepAlive();
      // Before the first event, nothing leaves the server.
      await stream.send({ event: 'open', data: {} });
      streams.add(stream);
      stream.onClose(() => streams.delete(stream));
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    // It has no broadcast.
    const broadcast = (): unknown =>
      Promise.all(
        Array.from(streams, (stream) => stream.send({ id: '1', event: 'message', data: { name: 'news', data: NEWS } })),
      );
    return { server: app.server, broadcast };
  },
};
