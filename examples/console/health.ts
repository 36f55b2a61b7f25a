import { Router } from 'express';
import { ServerSessionStorage } from 'sessions-jwt';
import type { ServerStorage, TokenStorage } from './storage.js';

/** `GET /health`: how far a sign-out reaches, and whether sessions can be opened: 503 if not. It needs no session. */
export function healthRoute(sessionStorage: ServerStorage | TokenStorage): Router {
  const router = Router();

  router.get('/health', async (_request, response) => {
    const isServer = sessionStorage instanceof ServerSessionStorage;
    const store = isServer ? await sessionStorage.health() : undefined;
    const list = sessionStorage.revocations;
    const { isFresh = true, age = 0 } = list?.health() ?? {};
    const isHealthy = store?.isReachable ?? isFresh;
    response.status(isHealthy ? 200 : 503).json({
      isHealthy,
      // Where a sign-out is known when it is answered.
      guarantee: sessionStorage.abilities.revocation,
      // JSON has no Infinity: the log was never read.
      list: list === undefined ? null : { isFresh, age: Number.isFinite(age) ? age : null, bound: list.bound },
      store: store === undefined ? null : { isReachable: store.isReachable, latency: Math.round(store.latency) },
    });
  });

  return router;
}
