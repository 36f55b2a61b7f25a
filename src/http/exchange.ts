/**
 * One request and its response as the lifecycle sees them. Each adapter supplies one; no framework's object
 * passes this line. Header names are given in lower case when read, in their usual spelling when set.
 */
export interface Exchange {
  readonly method: string;
  /** The header's value, several ones joined as HTTP joins them; `undefined` when absent. */
  requestHeader(name: string): string | undefined;
  /** Whether the request came over TLS, as the framework's own trust-proxy setting sees it. */
  isSecure(): boolean;
  /** Whether the peer is this machine (127.0.0.0/8, ::1). */
  isLoopback(): boolean;
  /** The values set so far for a response header; empty when none. */
  responseHeader(name: string): readonly string[];
  /** Replaces a response header; several values become several header lines. */
  setResponseHeader(name: string, value: string | readonly string[]): void;
}
