import type { Router } from 'express';
import { ModuleFailed } from './errors.js';

interface Express {
  readonly default: { Router(options: { mergeParams: boolean }): Router };
}

/** Imports Express, an optional peer, for manifests that have routes. */
export async function importRouter(load: () => Promise<Express> = () => import('express')): Promise<() => Router> {
  try {
    const { default: express } = await load();
    return () => express.Router({ mergeParams: true });
  } catch (error) {
    throw new ModuleFailed(
      'express',
      'a manifest with main or controllers needs this package: npm install express',
      error,
    );
  }
}
