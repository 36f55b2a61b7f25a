/**
 * Many clients in one process, which read streams of server-sent events over raw sockets and count their events.
 *
 * @module
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { MARK } from './live-server.js';
import type { ClientCommand } from './messages.js';

/** How many requests wait for their answer at a time: fewer than a server's queue of new connections holds. */
const AT_ONCE = 64;
const MARK_BYTE = MARK.charCodeAt(0);

/** The streams of one server. */
interface Streams {
  count: number;
  /** Events that arrived and were not yet waited for. */
  events: number;
  onEvent(): void;
}

const byPort = new Map<number, Streams>();

process.on('message', (command: ClientCommand) => void obey(command).then(() => process.send?.('done')));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function obey(command: ClientCommand): Promise<void> {
  const { port } = command;
  const streams = byPort.get(port) ?? { count: 0, events: 0, onEvent: () => undefined };
  byPort.set(port, streams);
  if ('cookies' in command) await openAll(port, command.cookies, streams);
  else await heardByAll(streams);
}

async function openAll(port: number, cookies: readonly string[], streams: Streams): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < cookies.length; at = next++) await open(port, cookies[at] ?? '', streams);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function open(port: number, cookie: string, streams: Streams): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(requestFor(cookie));
  const [head]: Buffer[] = await once(socket, 'data');
  if (!head?.includes(' 200 OK\r\n')) throw new Error(`no stream: ${head}`);
  streams.count += 1;
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(MARK_BYTE); at !== -1; at = chunk.indexOf(MARK_BYTE, at + 1)) streams.events += 1;
    if (streams.events >= streams.count) streams.onEvent();
  });
}

/** Resolves when each stream has had one more event. */
async function heardByAll(streams: Streams): Promise<void> {
  if (streams.events < streams.count) {
    await new Promise<void>((resolve) => {
      streams.onEvent = resolve;
    });
  }
  streams.events -= streams.count;
}

function requestFor(cookie: string): string {
  const lines = ['GET /live HTTP/1.1', 'Host: 127.0.0.1', 'Accept: text/event-stream'];
  return [...lines, ...(cookie === '' ? [] : [`Cookie: ${cookie}`]), '\r\n'].join('\r\n');
}
