import { type Cookie, parse } from 'tough-cookie';
import { CookieTransport } from '../../src/http/transports/cookie.js';
import { HeaderTransport } from '../../src/http/transports/header.js';
import type { CredentialLife } from '../../src/http/transports/transport.js';

/** Builds a transport from options that the compiler would refuse, as plain JavaScript can. */
export function untypedCookie(option: unknown): CookieTransport {
  const made: unknown = Reflect.construct(CookieTransport, [option]);
  if (made instanceof CookieTransport) return made;
  throw new Error('no CookieTransport');
}

export function untypedHeader(option: unknown): HeaderTransport {
  const made: unknown = Reflect.construct(HeaderTransport, [option]);
  if (made instanceof HeaderTransport) return made;
  throw new Error('no HeaderTransport');
}

export const NOW = 1_700_000_000_000;

/** One hour from NOW unless told otherwise. */
export function credentialLife(given: Partial<CredentialLife> = {}): CredentialLife {
  return { expires: NOW + 3_600_000, persistent: true, now: NOW, isRenewal: false, ...given };
}

/** A `Set-Cookie` line as an independent parser reads it. */
export function parsed(line: string | undefined): Cookie {
  const cookie = line === undefined ? undefined : parse(line);
  if (cookie === undefined) throw new Error('not a Set-Cookie line');
  return cookie;
}
