/** A request as the lifecycle sees it; no framework's object passes this line. */
export interface Incoming {
  readonly method: string;
  /**
   * The value of a request header, named in lower case; `undefined` when absent. Several `Cookie` headers are joined by
   * `; `, others as HTTP joins them.
   */
  requestHeader(name: string): string | undefined;
  /** Whether the request came over TLS, as the framework's own trust-proxy setting sees it. */
  isSecure(): boolean;
  /** Whether it came straight from this machine (127.0.0.0/8, ::1), through no proxy. */
  isLoopback(): boolean;
}

/** A request together with its response, before the head of that went out. Each adapter supplies one. */
export interface Exchange extends Incoming {
  /** The values set so far for a response header, named in any case; empty when none. */
  responseHeader(name: string): readonly string[];
  /** Replaces a response header; several values become several header lines. */
  setResponseHeader(name: string, value: string | readonly string[]): void;
}
