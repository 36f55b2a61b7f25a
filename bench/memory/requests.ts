import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import express, { type Express, type Response } from 'express';
import { bytesInUse } from '../harness/memory-use.js';
import { ourTokens } from '../http/our-storages.js';
import { activateSessions } from '../packages.js';
import { sampleData, sampleUser } from '../token/sample-session.js';

/** Bytes of a request under way on Express: bare, and with a session in a token that its handler has read. */
export interface RequestMemory {
  readonly bare: number;
  readonly session: number;
}

/** Opens so many requests at a time, which all wait for their answer. */
export async function requestMemory(count: number): Promise<RequestMemory> {
  const storage = ourTokens();
  const cookies = Array.from({ length: count }, (_, index) => {
    const session = storage.create(sampleData(index)).setUser(`user-${index}`, sampleUser(index));
    return `sid=${session.forClient()}`;
  });
  const withSessions = (app: Express, wait: (response: Response) => void): void => {
    const sessions = activateSessions({ sessionStorage: storage, cookie: true });
    app.use(sessions);
    app.get('/', (request, response) => {
      if (sessions.of(request).uid === undefined) throw new Error('nobody is signed in');
      wait(response);
    });
  };
  const bare = (app: Express, wait: (response: Response) => void): void => {
    app.get('/', (_request, response) => wait(response));
  };
  // Twice each: the first time compiles, and fills the cache of tokens.
  await bytesOfRequests(bare, cookies);
  await bytesOfRequests(withSessions, cookies);
  return { bare: await bytesOfRequests(bare, cookies), session: await bytesOfRequests(withSessions, cookies) };
}

async function bytesOfRequests(
  setUp: (app: Express, wait: (response: Response) => void) => void,
  cookies: readonly string[],
): Promise<number> {
  const waiting: Response[] = [];
  const app = express();
  const arrived = new Promise<void>((resolve) => {
    setUp(app, (response) => {
      if (waiting.push(response) === cookies.length) resolve();
    });
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  for (const _ of cookies) {
    const socket = connect(portOf(server.address()), '127.0.0.1').resume();
    await once(socket, 'connect');
    sockets.push(socket);
  }
  const before = await bytesInUse();
  for (const [index, socket] of sockets.entries()) {
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookies[index]}\r\n\r\n`);
  }
  await arrived;
  const taken = (await bytesInUse()) - before;
  for (const response of waiting) response.end();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
  return taken / cookies.length;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
