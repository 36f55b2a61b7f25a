/**
 * One app in a process of its own: `server.ts <name>`. Says its port, and answers each message with the CPU time it has used so
 * far, see `CpuTime`.
 *
 * @module
 */
import { SERVERS } from './frameworks.js';

const [, , name = ''] = process.argv;
const server = await SERVERS[name]?.();
if (server === undefined) throw new Error(`no server ${name}`);
// While it waits for its turn.
server.keepAliveTimeout = 3_600_000;

process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
const address = server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
