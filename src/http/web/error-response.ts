import type { SessionError } from '../../errors.js';

/** The answer to a request whose session could not be opened or saved: the error's status, and its code as JSON. */
export function errorResponse({ status, code }: SessionError): Response {
  return Response.json({ code }, { status, headers: { 'Cache-Control': 'no-store' } });
}
