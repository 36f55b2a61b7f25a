import { once } from 'node:events';
import type { Server } from 'node:http';

/** Servers of one framework by name, each with three routes: `POST /sign-in` begins a session, `GET /` reads it, `POST /change` writes one key. They answer a small JSON. */
export type Servers = Readonly<Record<string, () => Promise<Server>>>;

/** The server, once it listens on any port. */
export async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
