import type { Request, Response } from 'express';
import { FieldsRule } from '../lib/rules/fields.js';
import { callback, oneOf, text } from '../lib/rules/kinds.js';
import { strictOptions } from '../lib/strict-options.js';
import { sessionOf } from './guard.js';
import type { Handler } from './handler.js';

/** The HTTP methods of a route; `all` means every method. */
export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'all'] as const;

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number];

/** The options of `controller.destroySession`. */
export interface DestroySessionOptions {
  /** In upper or lower case. Default `'post'`. With `'get'`, any link or prefetch signs users out. */
  readonly method?: Method | Uppercase<Method> | undefined;
  /**
   * Called before the session is revoked. If it throws or rejects, the session is kept. It must not send the response.
   * Default: nothing.
   */
  readonly before?: ((request: Request, response: Response) => unknown) | undefined;
  /** Sends the response. The session is revoked, but can still be read. Default: `{ "message": "logged out" }` as JSON. */
  readonly after?: ((request: Request, response: Response) => unknown) | undefined;
}

const step = callback('expected a function (request, response)').optional();

const OPTIONS = new FieldsRule({
  method: text()
    .map((method) => method.toLowerCase())
    .pipe(oneOf(METHODS, `expected one of ${METHODS.join(', ')}`))
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
      throw new TypeError(
        'destroySession: before() sent the response, so the session cannot be ended; send the response in after()',
      );
    }
    session?.revoke();
    await after(request, response);
  };
  return { method, handler };
}

function sayGoodbye(_request: Request, response: Response): void {
  response.json({ message: 'logged out' });
}
