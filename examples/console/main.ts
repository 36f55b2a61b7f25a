/**
 * `npm start`: a service to try sessions with. Only this machine can reach it.
 *
 * @module
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { RevocationList } from 'sessions-jwt';
import { LiveSessions } from 'sessions-jwt/live';
import { type ConsoleSessions, createApp } from './app.js';
import { choose } from './choice.js';
import { readCsrfSecret, readSecret } from './secret.js';
import { createServerStorage, createTokenStorage } from './storage.js';
import { openBackend } from './stores.js';

const HOST = '127.0.0.1';
const SECRET_FILE = fileURLToPath(new URL('.secret', import.meta.url));
const CSRF_SECRET_FILE = fileURLToPath(new URL('.csrf-secret', import.meta.url));

type Opened = Omit<ConsoleSessions, 'csrfSecret'> & { close(): Promise<unknown> };

try {
  const port = readPort(process.env['PORT']);
  const csrfSecret = readCsrfSecret(CSRF_SECRET_FILE, process.env['CSRF_SECRET']);
  start(port, { ...(await openSessions()), csrfSecret });
} catch (error) {
  giveUp(error);
}

/** Opens the sessions. `close` frees their resources. */
async function openSessions(): Promise<Opened> {
  const { kind, backend, remark } = choose(process.env);
  if (remark !== undefined) console.log(remark);
  const {
    store,
    log,
    bus,
    keptIn: place,
    remark: alsoSaid,
    close: closePlace,
  } = await openBackend(backend, process.env);
  if (alsoSaid !== undefined) console.log(alsoSaid);
  const revocations = new RevocationList({ log });
  const sessionStorage =
    kind === 'jwt'
      ? createTokenStorage(readSecret(SECRET_FILE, process.env['SESSION_SECRET']), revocations)
      : createServerStorage(store, revocations);
  // A token that was signed out before this start must not be accepted.
  await revocations.ready();
  const live = new LiveSessions({ sessionStorage, bus });
  const keptIn = kind === 'jwt' ? `signed tokens, and sign-outs in ${place}` : place;
  const close = () => Promise.all([sessionStorage.close(), revocations.close()]).finally(closePlace);
  return { sessionStorage, live, bus, keptIn, close };
}

function start(port: number, { close, ...sessions }: Opened & ConsoleSessions): void {
  const server = createServer(createApp(sessions));

  server.once('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? `port ${port} is in use` : error.message;
    giveUp(`Cannot listen on ${HOST}: ${why}.\nTry another port: PORT=${port + 1} npm start`);
    close().catch(giveUp);
  });
  server.listen(port, HOST, () => {
    const address = server.address();
    const actual = typeof address === 'object' && address !== null ? address.port : port;
    console.log(`Sessions are kept in ${sessions.keptIn}.`);
    console.log(`Session console: http://${HOST}:${actual}/ (stop it with Ctrl+C)`);
  });

  const stop = (): void => {
    server.close(() => close().catch(giveUp));
    // Its pages come back when the service does.
    sessions.live.close().catch(giveUp);
    // Browsers keep idle connections open.
    setTimeout(() => server.closeAllConnections(), 500).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function readPort(text: string | undefined): number {
  const port = Number(text || 3000);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be a whole number from 0 to 65535; 0 is any free port. Try: PORT=3000 npm start`);
}

function giveUp(why: unknown): void {
  console.error(why instanceof Error ? why.message : why);
  process.exitCode = 1;
}
