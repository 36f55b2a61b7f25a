import type { Request, Response } from 'express';
import { z } from 'zod';
import { strictOptions } from '../lib/strict-options.js';
import { sessionOf } from './guard.js';
import type { Handler } from './handler.js';

/** The ways a route can be asked for; `all` is any of them. */
export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'all'] as const;

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number];

/** What `controller.destroySession` takes. */
export interface DestroySessionOptions {
  /** In either case. Default 'post'; with 'get', any link or prefetching browser signs people out. */
  readonly method?: Method | Uppercase<Method> | undefined;
  /**
   * Called while the session is still whole. It may prevent the sign-out by throwing or rejecting; it must leave the
   * answer to `after`. Default: nothing.
   */
  readonly before?: ((request: Request, response: Response) => unknown) | undefined;
  /** Answers, with the session revoked but still to be read. Default: `{ "message": "logged out" }` as JSON. */
  readonly after?: ((request: Request, response: Response) => unknown) | undefined;
}

const step = z.custom((value) => typeof value === 'function', 'expected a function (request, response)').optional();

const OPTIONS = z.strictObject({
  method: z
    .string()
    .toLowerCase()
    .pipe(z.enum(METHODS, `expected one of ${METHODS.join(', ')}`))
    .default('post'),
  before: step,
  after: step,
});

/** @throws TypeError naming the option that is wrong */
export function signOut(options: DestroySessionOptions): { readonly method: Method; readonly handler: Handler } {
  const { method } = strictOptions('destroySession', OPTIONS, options);
  const { before, after = sayGoodbye } = options;
  const handler: Handler = async (request, response) => {
    const session = sessionOf(request);
    await before?.(request, response);
    if (response.headersSent) {
      throw new TypeError('destroySession: before answered, so the session could not be ended; answer in after');
    }
    session?.revoke();
    await after(request, response);
  };
  return { method, handler };
}

function sayGoodbye(_request: Request, response: Response): void {
  response.json({ message: 'logged out' });
}
