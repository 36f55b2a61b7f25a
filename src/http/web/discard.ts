import { BODY_HEADERS } from '../../lib/body-headers.js';
import { allowsStoring, forbidsStoring } from '../../lib/caching-headers.js';

/**
 * What is left of a response that is not sent: status 200, no body. Headers stay that are not about its body, such as those of CORS.
 * Caching was allowed for that body, too: a shared cache must not keep an error in its place.
 */
export function withoutBody({ headers }: Response): Response {
  const kept = new Headers(headers);
  for (const name of [...kept.keys()]) if (BODY_HEADERS.includes(name) || allowsStoring(name)) kept.delete(name);
  if (!forbidsStoring(kept.get('cache-control') ?? '')) kept.delete('cache-control');
  return new Response(null, { headers: kept });
}
