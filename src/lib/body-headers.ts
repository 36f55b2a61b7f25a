import { allowsStoring, forbidsStoring } from './caching-headers.js';

/** Response headers, in lower case, that belong to one body: they go when another body is sent instead. */
export const BODY_HEADERS: readonly string[] = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-location',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'transfer-encoding',
  'trailer',
  'etag',
  'last-modified',
  'location',
];

/**
 * Whether a header belongs to an answer that will not be sent: it describes the body, or allows caches to store it. A shared
 * cache must not keep a 503 for a day. `name` is in lower case.
 */
export function isOfAnswer(name: string, value: unknown): boolean {
  if (name === 'cache-control') return !forbidsStoring(String(value));
  return allowsStoring(name) || BODY_HEADERS.includes(name);
}
