/**
 * One app in a process of its own: `server.ts <name>`. Says its port, and answers one message at a time, see `ServerCommand`.
 *
 * @module
 */
import { bytesInUse } from '../harness/memory-use.js';
import { SERVERS } from './frameworks.js';
import type { CpuTime, ServerCommand } from './messages.js';

const [, , name = ''] = process.argv;
const server = await SERVERS[name]?.();
if (server === undefined) throw new Error(`no server ${name}`);
// Connections wait for the turn of this server, some before their first request.
server.keepAliveTimeout = 3_600_000;
server.headersTimeout = 0;
server.requestTimeout = 0;

process.on('message', (command: ServerCommand) => void obey(command).then((answer) => process.send?.(answer)));
process.on('disconnect', () => process.exit());
const address = server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);

async function obey(command: ServerCommand): Promise<CpuTime | number> {
  return command === 'cpu' ? process.cpuUsage() : await bytesInUse();
}
