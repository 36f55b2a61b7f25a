import { trimBlanks, valuesBySplitting } from '../support/cookie-model.js';
import { HOST, LISTED } from './origins.js';
import type { Credentials, Sent } from './text.js';

/**
 * Whether a request may open the session of the good client, or show its identity: by the documented rules, written without regard
 * to speed. What it allows may still be refused.
 */
export function mayOpen(sent: Sent, credentials: Credentials): boolean {
  // HTTP takes blanks around a value off (RFC 9110 section 5.5).
  const valuesOf = (name: string): readonly string[] =>
    sent.lines.filter((line) => line.name.toLowerCase() === name).map(({ value }) => trimBlanks(value));
  if (sent.path === '/identity') {
    return valuesOf('authorization').some(
      (value) => /^Bearer +(.*)$/i.exec(value)?.[1] === credentials['identity token'],
    );
  }
  const sids = valuesOf('x-session-id');
  if (sids.length > 0) return sids.length === 1 && sids[0] === credentials.sid;
  const cookies = valuesBySplitting(valuesOf('cookie').join('; '), 'sid');
  if (cookies?.includes(credentials.sid) !== true) return false;
  return sent.method === 'GET' || (isOwnPage(valuesOf) && isOnly(valuesOf('x-csrf-token'), credentials['csrf token']));
}

function isOwnPage(valuesOf: (name: string) => readonly string[]): boolean {
  const [origins, sites, hosts] = [valuesOf('origin'), valuesOf('sec-fetch-site'), valuesOf('host')];
  if (isOnly(origins, LISTED)) return true;
  if (sites.length > 0) return isOnly(sites, 'same-origin') || isOnly(sites, 'none');
  return origins.length === 0 || originsAt(hosts[0] ?? HOST).some((origin) => isOnly(origins, origin));
}

/**
 * The origins of a host: over plain HTTP, both schemes are its own. Servers that make a URL of the Host header take the port 80 off
 * it. `URL.canParse` of Node 20 accepts bytes that `new URL` does not.
 */
function originsAt(host: string): readonly string[] {
  try {
    const asked = new URL(`http://${host}`);
    return [asked.origin, new URL(`https://${host}`).origin, new URL(`https://${asked.host}`).origin];
  } catch {
    return [];
  }
}

function isOnly(values: readonly string[], wanted: string | undefined): boolean {
  return values.length === 1 && values[0] === wanted;
}
