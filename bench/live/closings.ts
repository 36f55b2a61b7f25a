import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Child } from '../harness/child.js';
import type { Backends } from '../stores/backends.js';
import { sampleData, sampleUser } from '../token/sample-session.js';
import { BUSES, type BusName, instanceOf } from './instance.js';

/** ms from the call of `revoke` on one instance until the client of another has seen its stream end, sorted. */
export type Closings = ReadonlyMap<BusName, readonly number[]>;

/** Revokes sessions on one instance, one after the other, whose streams are open on another. */
export async function closingTable(count: number, { redisUrl, databaseUrl }: Backends): Promise<Closings> {
  const urls: Readonly<Record<BusName, string>> = { RedisBus: redisUrl, PostgresBus: databaseUrl };
  const closings = new Map<BusName, number[]>();
  for (const bus of BUSES) closings.set(bus, await closingsOver(bus, urls[bus], count));
  return closings;
}

async function closingsOver(bus: BusName, url: string, count: number): Promise<number[]> {
  const secret = randomBytes(64).toString('base64url');
  const [server, port] = await Child.start(new URL('instance-server.ts', import.meta.url), {
    args: [bus, url, secret],
  });
  const { sessionStorage, close } = await instanceOf(bus, url, secret);
  try {
    const streams: { readonly sid: string; readonly socket: Socket }[] = [];
    for (let index = 0; index < count; index += 1) {
      const session = sessionStorage.create(sampleData(index)).setUser(`user-${index}`, sampleUser(index));
      const sid = session.forClient();
      streams.push({ sid, socket: await open(Number(port), sid) });
    }
    const times: number[] = [];
    for (const { sid, socket } of streams) {
      const ended = ending(socket);
      const start = performance.now();
      await sessionStorage.revoke({ sid });
      times.push((await ended) - start);
      socket.destroy();
    }
    return times.sort((a, b) => a - b);
  } finally {
    await close();
    await server.stop();
  }
}

/** Resolves when the stream has had its first event. */
async function open(port: number, sid: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sid=${sid}\r\n\r\n`);
  for (let text = ''; !text.includes('event: open'); ) {
    text += String(await once(socket, 'data'));
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(`no stream: ${text}`);
  }
  return socket;
}

/** When the last event arrived. */
async function ending(socket: Socket): Promise<number> {
  for (let text = ''; !text.includes('event: end'); ) text += String(await once(socket, 'data'));
  return performance.now();
}
