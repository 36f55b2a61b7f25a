/**
 * `npm start`: a service to try sessions on, on this machine alone.
 *
 * @module
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createApp } from './app.js';
import { readSecret } from './secret.js';
import { createStorage } from './storage.js';

const HOST = '127.0.0.1';
const SECRET_FILE = fileURLToPath(new URL('.secret', import.meta.url));

try {
  start(readPort(process.env['PORT']), readSecret(SECRET_FILE, process.env['SESSION_SECRET']));
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error));
}

function start(port: number, secret: string): void {
  const sessionStorage = createStorage(secret);
  const server = createServer(createApp({ sessionStorage }));

  server.once('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? `port ${port} is taken` : error.message;
    giveUp(`Cannot listen on ${HOST}: ${why}.\nTry another port: PORT=${port + 1} npm start`);
  });
  server.listen(port, HOST, () => {
    const address = server.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    console.log(`Session console: http://${HOST}:${actual}/ (end it with Ctrl+C)`);
  });

  const stop = (): void => {
    server.close(() => void sessionStorage.close());
    // Browsers hold connections open that they may never use.
    setTimeout(() => server.closeAllConnections(), 500).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function readPort(text: string | undefined): number {
  const port = Number(text || 3000);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be a whole number from 0 to 65535, 0 meaning any free one. Try: PORT=3000 npm start`);
}

function giveUp(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
