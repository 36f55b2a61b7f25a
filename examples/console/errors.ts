import type { NextFunction, Request, Response } from 'express';
import { CsrfRefused, SessionDataInvalid, SessionError, SessionTooLarge, StoreUnavailable } from 'sessions-jwt';
import type { z } from 'zod';
import { reasonOf } from './reason.js';

/** A request was refused. The message is sent to the client. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The input of a request, validated by a schema. @throws Refused (400) */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') || 'the body';
  throw new Refused(400, `${place}: ${issue?.message ?? 'not accepted'}`);
}

/** Sends an error as JSON. The client gets only messages that it can act on; other errors, and those of the store, go to the log. */
export function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = statusOf(error);
  const isOurs = error instanceof SessionError || (error instanceof Error && status < 500);
  if (error instanceof StoreUnavailable) console.error(`${status}: ${error.message}: ${reasonOf(error)}`);
  else if (!isOurs) console.error(error);
  const code = error instanceof SessionError ? { code: error.code } : {};
  // The page needs the reason: it sends a request with a stale token again.
  const reason = error instanceof CsrfRefused ? { reason: error.reason } : {};
  response.status(status).json({ error: isOurs ? error.message : 'internal error', ...code, ...reason });
}

function statusOf(error: unknown): number {
  // Its status is 500, because usually the application chooses the data. Here the user does.
  if (error instanceof SessionDataInvalid) return 400;
  if (error instanceof SessionTooLarge) return 413;
  if (error instanceof SessionError) return error.status;
  // Refused, and errors of Express.
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
