import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';

export function fixture(path: string): string {
  return fileURLToPath(new URL(`./fixtures/${path}`, import.meta.url));
}

/** Runs `use` with the origin of `app` served on a free port of 127.0.0.1. */
export async function served(app: Express, use: (origin: string) => Promise<void>): Promise<void> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${portOf(server.address())}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

/** The warnings of this package that Node emitted while `run` ran. */
export async function warningsDuring(run: () => unknown): Promise<{ code: unknown; message: string }[]> {
  const seen: { code: unknown; message: string }[] = [];
  const listen = (warning: Error & { code?: unknown }): void => {
    if (warning.name === 'SessionsWarning') seen.push({ code: warning.code, message: warning.message });
  };
  process.on('warning', listen);
  try {
    await run();
    await setImmediate();
  } finally {
    process.off('warning', listen);
  }
  return seen;
}
