/** A request as the lifecycle sees it. No object of a framework gets past this interface. */
export interface Incoming {
  readonly method: string;
  /**
   * The value of a request header; `name` is in lower case. `undefined` if the header is absent. Several `Cookie` headers are
   * joined by `; `, others by `, `.
   */
  requestHeader(name: string): string | undefined;
  /** Whether the request came over TLS, according to the framework's trust-proxy setting. */
  isSecure(): boolean;
  /**
   * The host that the client asked, with its port if it named one: the Host header or, where the framework trusts the proxy, the
   * one that the proxy forwarded. `undefined` if the request names none.
   */
  host(): string | undefined;
  /** Whether it came from this machine (127.0.0.0/8, ::1), without a proxy between. */
  isLoopback(): boolean;
}

/** The end of a response. It does not keep the request in memory, which a framework lets go of earlier. */
export interface Ending {
  /** Calls back when the response is over: sent, or its connection closed. At the next turn if it is over already. */
  onceOver(callback: () => void): void;
}

/** A request and its response, before the response's head is sent. Each adapter supplies one. */
export interface Exchange extends Incoming {
  readonly ending: Ending;
  /** The values set so far for a response header, in any case; empty if there are none. */
  responseHeader(name: string): readonly string[];
  /** Replaces a response header; several values become several header lines. */
  setResponseHeader(name: string, value: string | readonly string[]): void;
  /** The names of the response headers set so far, in lower case. */
  responseHeaderNames(): readonly string[];
  removeResponseHeader(name: string): void;
}
