/**
 * One Express app in a process of its own: `server.ts <variant>`, started by server-process.ts. Tells its port, and at
 * each message the CPU time it has used so far.
 *
 * @module
 */
import express from 'express';
import { VARIANTS } from './variants.js';

const variant = VARIANTS[process.argv[2] ?? ''];
if (variant === undefined) throw new Error(`no variant ${process.argv[2]}`);

const app = express();
variant(app);

const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
server.keepAliveTimeout = 600_000;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit());
