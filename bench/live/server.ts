/**
 * One server in a process of its own: `server.ts <name>`, started with `--expose-gc`. Answers one message at a time, see `ServerAnswer`.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import { collectedMemory } from '../harness/memory-use.js';
import { LIVE_SERVERS } from './live-servers.js';
import type { MemoryUse, ServerAnswer, ServerCommand, StreamsCost } from './messages.js';
import { nextTurn, TurnWatch } from './turn-watch.js';

const [, , name = ''] = process.argv;
const live = await LIVE_SERVERS[name]?.();
if (live === undefined) throw new Error(`no server ${name}`);

let last: ServerResponse | undefined;
live.server.on('request', (_request, response: ServerResponse) => {
  last = response;
});

process.on('message', (command: ServerCommand) => void obey(command).then((answer) => process.send?.(answer)));
process.on('disconnect', () => process.exit());
const address = live.server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);

async function obey(command: ServerCommand): Promise<ServerAnswer> {
  if (command === 'memory') return await memory();
  if (command === 'broadcast') return await broadcast();
  if (command === 'end') return await end();
  return live?.cookies?.(command.cookies) ?? [];
}

/** Until the stream that was opened last, and is written to last, has the event on its way. */
async function broadcast(): Promise<StreamsCost> {
  const socket = last?.socket;
  if (!socket) throw new Error(`${name}: no stream is open`);
  const sent = socket.bytesWritten;
  const watch = new TurnWatch();
  const result = live?.broadcast();
  do await nextTurn();
  while (watch.turn() && (socket.bytesWritten === sent || socket.writableLength > 0));
  const cost = watch.cost;
  await result;
  return cost;
}

/** Until every stream has ended. */
async function end(): Promise<StreamsCost> {
  const watch = new TurnWatch();
  let isOver = false;
  const ending = live?.end?.().then(() => {
    isOver = true;
  });
  do await nextTurn();
  while (watch.turn() && !isOver);
  await ending;
  return watch.cost;
}

async function memory(): Promise<MemoryUse> {
  const { rss, heapUsed } = await collectedMemory();
  return { rss, heap: heapUsed };
}
