import type { Express } from 'express';

/** Puts sessions on an app, with two routes: `POST /sign-in` begins one, `GET /` reads it and answers a small JSON. */
export type Variant = (app: Express) => void | Promise<void>;
