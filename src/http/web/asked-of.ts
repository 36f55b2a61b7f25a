import type { AskedRequest } from '../stream-route.js';

/** What a source of streams gets to know of a `Request`. */
export function askedOf({ method, url, headers }: Request): AskedRequest {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) joined[name] = value;
  // Servers make the URL of any Host header, and do not parse it.
  return { method, url: url.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/', headers: joined };
}
