import { createServer } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { listening } from '../http/servers.js';
import { type SampleData, type SampleUser, sampleData, sampleSecret, sampleUser } from '../token/sample-session.js';
import { type LiveServer, type LiveServers, NEWS, NO_HEARTBEAT } from './live-server.js';
import {
  activateSessions,
  fastifySessions,
  fastifyStream,
  LiveSessions,
  message,
  RevocationList,
  SessionStorage,
  stream,
} from './packages.js';

/** Streams of this package: each belongs to a session of its own, which comes by cookie. */
export const OUR_LIVE: LiveServers = {
  'Express, sessions-jwt': async () => {
    const sessionStorage = tokens();
    const live = liveOf(sessionStorage);
    const app = express();
    app.use(activateSessions({ sessionStorage, cookie: true }));
    app.get('/live', stream(live));
    return { server: await listening(createServer(app)), ...sender(live, sessionStorage) };
  },

  'Fastify, sessions-jwt': async () => {
    const sessionStorage = tokens();
    const live = liveOf(sessionStorage);
    const app = Fastify();
    await app.register(fastifySessions, { sessionStorage, cookie: true });
    app.get('/live', fastifyStream(live));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { server: app.server, ...sender(live, sessionStorage) };
  },
};

type OurStorage = ReturnType<typeof tokens>;
type OurLive = InstanceType<typeof LiveSessions>;

function tokens() {
  return new SessionStorage<SampleData, SampleUser>({ jwtSecret: sampleSecret(), revocations: new RevocationList() });
}

function liveOf(sessionStorage: OurStorage): OurLive {
  return new LiveSessions({ sessionStorage, heartbeat: NO_HEARTBEAT });
}

function sender(live: OurLive, storage: OurStorage): Omit<LiveServer, 'server'> {
  return {
    cookies: (count) =>
      Array.from({ length: count }, (_, index) => {
        const session = storage.create(sampleData(index)).setUser(`user-${index}`, sampleUser(index));
        return `sid=${session.forClient()}`;
      }),
    broadcast: () => live.send('everyone', message('news', NEWS)),
    end: () => storage.revoke('everyone'),
  };
}
