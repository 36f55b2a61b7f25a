/**
 * One app in a process of its own: `server.ts <variant>`, started by server-process.ts. Tells its port, and at each message the
 * CPU time it has used so far.
 *
 * @module
 */
import type { Server } from 'node:http';
import express from 'express';
import { FASTIFY_VARIANTS } from './fastify-variants.js';
import { VARIANTS } from './variants.js';

const server = await serverOf(process.argv[2] ?? '');
server.keepAliveTimeout = 600_000;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => process.exit());
const address = server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);

async function serverOf(name: string): Promise<Server> {
  const fastify = await FASTIFY_VARIANTS[name]?.();
  if (fastify !== undefined) {
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    return fastify.server;
  }
  const variant = VARIANTS[name];
  if (variant === undefined) throw new Error(`no variant ${name}`);
  const app = express();
  await variant(app);
  return await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}
