import type { IncomingHttpHeaders } from 'node:http';

/** The headers of a request, each as one text. The pseudo-headers of HTTP/2 are not among them. */
export function joinedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  const joined: Record<string, string> = Object.create(null);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined && !name.startsWith(':'))
      joined[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return joined;
}
