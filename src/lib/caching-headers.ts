/**
 * Whether a header allows caches to store a response besides `Cache-Control`: `Expires`, and what content delivery networks obey first
 * (RFC 9213), such as `CDN-Cache-Control`. `name` is in lower case.
 */
export function allowsStoring(name: string): boolean {
  return /^(?:expires|edge-control|surrogate-control|.+-cache-control)$/.test(name);
}
