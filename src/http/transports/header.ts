import { FieldsRule } from '../../lib/rules/fields.js';
import { flag, text } from '../../lib/rules/kinds.js';
import type { Exchange, Incoming } from '../exchange.js';
import { assertSendable, isSidShaped, SID_LIMIT } from './sid.js';
import type { Transport } from './transport.js';
import { readTransportOption, TOKEN } from './transport-option.js';

/** The session header, for clients other than browser pages. */
export interface HeaderOptions {
  /**
   * The header's name, in requests and responses, in any case. Default `'X-Session-Id'`.
   *
   * Only the client's own code may set it. Other sites must not be able to make a browser send it, so a header that
   * browsers, proxies or HTTP itself set (`Authorization`, `Range`, `Accept-*`, `Sec-*`, ...) is a TypeError.
   */
  readonly name?: string | undefined;
  /**
   * Whether a new session is sent in this header too, next to a cookie. Default `false`: otherwise, scripts of the page can
   * read the sid, which HttpOnly would hide (OWASP ASVS 3.3.4). If the option `cookie` is not set, the header is always
   * sent.
   */
  readonly announce?: boolean | undefined;
}

/** Headers with another meaning. Most can be set by other sites, or without the client's code (Fetch, RFC 9110). */
const TAKEN_FAMILIES = /^(?:accept|access-control|cache|content|cross-origin|if|proxy|sec|x-forwarded)-/;
const TAKEN = new Set(
  `accept age allow alt-svc authorization clear-site-data connection cookie cookie2 date device-memory dnt downlink dpr ect etag expect expires forwarded from
  host keep-alive last-event-id last-modified link location max-forwards origin pragma priority range referer
  referrer-policy refresh retry-after rtt save-data server set-cookie set-cookie2 strict-transport-security te trailer transfer-encoding upgrade
  upgrade-insecure-requests user-agent vary via viewport-width warning width www-authenticate x-csrf-token x-real-ip
  x-requested-with x-session-instance`.split(/\s+/),
);

const shape = new FieldsRule(
  {
    name: text('must be a string')
      .check((name) => TOKEN.test(name), 'must be an HTTP token (RFC 9110 section 5.6.2)')
      .check((name) => !isTaken(name.toLowerCase()), 'must not be a header with another meaning')
      .default('X-Session-Id'),
    announce: flag('must be true or false').default(false),
  },
  'must be true, a name or an object of options',
);

/** The sid in a header, see {@link HeaderOptions}. */
export class HeaderTransport implements Transport {
  readonly varyOn: string;
  /** Whether a new session is sent by this transport too, see {@link HeaderOptions.announce}. */
  readonly announce: boolean;
  readonly #requestName: string;

  /** @throws TypeError naming the option that is unknown or wrong */
  constructor(option: true | string | HeaderOptions) {
    const { name, announce } = readTransportOption('header', shape, option);
    this.varyOn = name;
    this.announce = announce;
    this.#requestName = name.toLowerCase();
  }

  /** The sid; `[]` for a header without one, which still rules out the cookie (SECURITY.md, cookies and headers). */
  readSids(request: Incoming): readonly string[] | undefined {
    const value = request.requestHeader(this.#requestName);
    if (value === undefined) return undefined;
    return isSidShaped(value) ? [value] : [];
  }

  /** @throws SessionTooLarge over 16,384 bytes */
  assertFits(_request: Incoming, sid: string): void {
    assertSendable(sid, 'session header', SID_LIMIT);
  }

  /** Sets the header; a header has no life of its own. @throws SessionTooLarge */
  send(exchange: Exchange, sid: string): void {
    this.assertFits(exchange, sid);
    exchange.setResponseHeader(this.varyOn, sid);
  }

  /** Sets an empty header. */
  clear(exchange: Exchange): void {
    exchange.setResponseHeader(this.varyOn, '');
  }
}

/** Whether a header, in lower case, has a meaning that the client's own code does not give it. */
export function isTaken(name: string): boolean {
  return TAKEN.has(name) || TAKEN_FAMILIES.test(name);
}
