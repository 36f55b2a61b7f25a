import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** What answers a request; it may be asynchronous on Express 4 too. */
export type Handler = (request: Request, response: Response, next: NextFunction) => unknown;

/**
 * Takes to the error handlers whatever a handler throws or rejects with. Express 4 looks at no promise, and both would
 * take an error of `undefined` for "go on".
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

/** Leaves the request to whoever comes next. */
export const passOn: RequestHandler = (_request, _response, next) => next();

/** @throws TypeError saying which one is not a function */
export function assertHandler(what: string, handler: unknown): void {
  if (typeof handler !== 'function') throw new TypeError(`${what} must be a function (request, response, next)`);
}
