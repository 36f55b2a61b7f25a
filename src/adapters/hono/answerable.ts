import { SessionError } from '../../errors.js';
import { errorResponse } from '../../http/web/error-response.js';

/** Makes Hono's default error handler answer with the error's status: it asks errors for their response. */
export function answerable(error: unknown): unknown {
  if (error instanceof SessionError && !('getResponse' in error)) {
    Reflect.defineProperty(error, 'getResponse', { value: () => errorResponse(error) });
  }
  return error;
}

/** The same for what a function throws when handlers call it. */
export function answering<Given, Result>(act: (given: Given) => Result): (given: Given) => Result {
  return (given) => {
    try {
      return act(given);
    } catch (error) {
      throw answerable(error);
    }
  };
}
