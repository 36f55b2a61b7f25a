import type { Incoming } from '../exchange.js';
import { originOf } from './origin.js';

/** Whether a request must not change anything (RFC 9110 section 9.2.1). TRACE is not answered by frameworks, and is not listed. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/**
 * Whether a page of another origin made the browser send this request, which may change something. The rules are those of
 * CrossOriginProtection in net/http of Go 1.25, and one more: to a request over TLS, a page of the same host without TLS is foreign.
 *
 * - Safe methods pass, and so do the listed origins.
 * - `Sec-Fetch-Site` decides if it is there: `same-origin` and `none` pass.
 * - Otherwise `Origin` must be that of the host that the client asked. Without either header, no browser of the last years sent
 *   the request, or it is no cross-origin one.
 *
 * @param origins other origins that may send requests, as browsers spell them
 */
export function isCrossOrigin(request: Incoming, origins: ReadonlySet<string>): boolean {
  if (isSafe(request.method)) return false;
  const origin = request.requestHeader('origin');
  if (origin !== undefined && origins.has(origin)) return false;
  const site = request.requestHeader('sec-fetch-site');
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isOwn(origin, request);
}

/** Without TLS the request may have come through a proxy that ended it, so then both schemes are its own. */
function isOwn(origin: string, request: Incoming): boolean {
  const host = request.host();
  if (host === undefined) return false;
  if (originOf('https', host) === origin) return true;
  return !request.isSecure() && originOf('http', host) === origin;
}
