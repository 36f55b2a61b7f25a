import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { kindOf } from '../lib/kind-of.js';

/** Handles a request; may be asynchronous, on Express 4 too. */
export type Handler = (request: Request, response: Response, next: NextFunction) => unknown;

/**
 * Passes what a handler throws or rejects with to the error handlers. Express 4 ignores promises, and both versions take an
 * error of `undefined` for success.
 */
export function reporting(handler: Handler): RequestHandler {
  return (request, response, next) => {
    const fail = (error: unknown): void => next(error || new Error('a handler failed without an error'));
    try {
      Promise.resolve(handler(request, response, next)).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

/** Does nothing but call the next handler. */
export const passOn: RequestHandler = (_request, _response, next) => next();

/** @throws TypeError naming the call, when its handler is not a function */
export function assertHandler(what: string, handler: unknown): void {
  if (typeof handler !== 'function')
    throw new TypeError(`${what}: expected a function (request, response, next), got ${kindOf(handler)}`);
}
