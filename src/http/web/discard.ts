import { isOfAnswer } from '../../lib/body-headers.js';

/**
 * What is left of a response that is not sent: status 200, no body. Headers stay that are not about its body, such as those of CORS.
 * Caching was allowed for that body, too: a shared cache must not keep an error in its place.
 */
export function withoutBody({ headers }: Response): Response {
  const kept = new Headers(headers);
  for (const [name, value] of headers) if (isOfAnswer(name, value)) kept.delete(name);
  return new Response(null, { headers: kept });
}
