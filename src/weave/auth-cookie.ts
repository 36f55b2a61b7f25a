import type { Ending, Exchange } from '../http/exchange.js';
import type { IdentityCookie } from '../http/identity-cookie.js';
import type { SessionModel } from '../session/session.js';

/** The Set-Cookie line of the auth cookie for a session as it is now; the line that clears it if nobody is signed in. */
export function authCookieOf(
  cookie: IdentityCookie,
  session: SessionModel<unknown, unknown>,
  now: number,
  isSecure: boolean,
): string {
  const { uid, lineage, authenticatedAt } = session;
  const sidLife = { expires: session.getExpiry(), persistent: undefined };
  const exchange = new LineExchange(isSecure);
  cookie.settle(exchange, {
    session: { uid, lineage, authenticatedAt, sidLife },
    opened: undefined,
    hasCookie: true,
    outcome: uid === undefined ? 'ended' : 'issued',
    goodAt: now,
    now,
  });
  return exchange.line;
}

/** A response that keeps the cookie that it is to set. */
class LineExchange implements Exchange {
  readonly method = 'GET';
  readonly ending: Ending = { onceOver: () => undefined };
  line = '';
  readonly #isSecure: boolean;

  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
  }

  requestHeader(): undefined {
    return undefined;
  }

  isSecure(): boolean {
    return this.#isSecure;
  }

  host(): undefined {
    return undefined;
  }

  /** Browsers accept a prefixed name over TLS only, or this machine's names without the prefix. */
  isLoopback(): boolean {
    return !this.#isSecure;
  }

  responseHeader(): readonly string[] {
    return [];
  }

  setResponseHeader(_name: string, value: string | readonly string[]): void {
    this.line = (typeof value === 'string' ? value : value.at(-1)) ?? '';
  }

  responseHeaderNames(): readonly string[] {
    return [];
  }

  removeResponseHeader(): void {}
}
