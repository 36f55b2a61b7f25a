import { allowsStoring } from '../lib/caching-headers.js';
import type { Exchange } from './exchange.js';

/**
 * Adds request headers to the response's `Vary`, so that no cache serves one session's response to another
 * (CVE-2023-30861). Keeps names that are there already; `*` covers them all.
 */
export function varyOn(exchange: Exchange, names: readonly string[]): void {
  const lines = exchange.responseHeader('vary');
  if (lines.length === 0) {
    if (names.length > 0) exchange.setResponseHeader('Vary', names.join(', '));
    return;
  }
  const listed = lines
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = new Set(listed.map((name) => name.toLowerCase()));
  if (known.has('*')) return;
  const missing = names.filter((name) => {
    const fresh = !known.has(name.toLowerCase());
    known.add(name.toLowerCase());
    return fresh;
  });
  if (missing.length > 0) exchange.setResponseHeader('Vary', [...listed, ...missing].join(', '));
}

const NO_TRANSFORM = /\bno-transform\b/i;

/**
 * Keeps a response with a credential out of every cache (OWASP ASVS 14.3.2), whatever the application allowed. Proxies that must not
 * compress it, such as a stream, still must not.
 */
export function forbidStoring(exchange: Exchange): void {
  const isFixed = exchange.responseHeader('cache-control').some((line) => NO_TRANSFORM.test(line));
  exchange.setResponseHeader('Cache-Control', isFixed ? 'private, no-store, no-transform' : 'private, no-store');
  for (const name of exchange.responseHeaderNames()) if (allowsStoring(name)) exchange.removeResponseHeader(name);
}

/** Directives that say whether a shared cache may store a response; `no-transform`, for one, does not. */
const DECIDES = /\b(?:private|public|no-store|no-cache|max-age|s-maxage|must-revalidate)\b/i;

/** Keeps a response that was made for a signed-in user out of shared caches, unless the application has said how it may be stored. */
export function forbidSharing(exchange: Exchange): void {
  const said = exchange.responseHeader('cache-control').join(', ');
  if (DECIDES.test(said) || exchange.responseHeaderNames().some(allowsStoring)) return;
  exchange.setResponseHeader('Cache-Control', said === '' ? 'private' : `${said}, private`);
}
