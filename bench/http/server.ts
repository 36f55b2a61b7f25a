/**
 * One app in a process of its own: `server.ts <name>`, started by server-process.ts. Tells its port, and at each message the
 * CPU time it has used so far.
 *
 * @module
 */
import { SERVERS } from './frameworks.js';

const [, , name = ''] = process.argv;
const server = await SERVERS[name]?.();
if (server === undefined) throw new Error(`no server ${name}`);
server.keepAliveTimeout = 600_000;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit());
const address = server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
