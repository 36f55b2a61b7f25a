import type { Express } from 'express';

/** Puts sessions on an app, with the routes that `Servers` have. */
export type Variant = (app: Express) => void | Promise<void>;
