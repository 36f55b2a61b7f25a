/**
 * Whether a header allows caches to store a response besides `Cache-Control`: `Expires`, and what content delivery networks obey first
 * (RFC 9213), such as `CDN-Cache-Control`. `name` is in lower case.
 */
export function allowsStoring(name: string): boolean {
  return /^(?:expires|edge-control|surrogate-control|.+-cache-control)$/.test(name);
}

/** Whether a value of `Cache-Control` keeps a response out of every cache. */
export function forbidsStoring(cacheControl: string): boolean {
  return /\bno-store\b/i.test(cacheControl);
}
