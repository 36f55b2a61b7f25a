import type { NextFunction, Request, Response } from 'express';
import { SessionDataInvalid, SessionError, SessionTooLarge, StoreUnavailable } from 'sessions-jwt';
import type { z } from 'zod';
import { reasonOf } from './reason.js';

/** A request that is not carried out, and why, in words for the person who sent it. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the schema makes of the request's input. @throws Refused (400) */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') || 'the body';
  throw new Refused(400, `${place}: ${issue?.message ?? 'not accepted'}`);
}

/** Answers an error in JSON: what the client can mend is said, everything else goes to the log, and so does a store that is away. */
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
  response.status(status).json({ error: isOurs ? error.message : 'something went wrong here', ...code });
}

function statusOf(error: unknown): number {
  // 500 where an application chooses what goes into its sessions; here the person does.
  if (error instanceof SessionDataInvalid) return 400;
  if (error instanceof SessionTooLarge) return 413;
  if (error instanceof SessionError) return error.status;
  // Refused, and Express's own errors.
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
