import fc from 'fast-check';
import { cookieHeader } from './cookie-header.js';
import { line, orHuge, values } from './generators.js';
import { fetchDetailLine, hostLine, knownOriginLine, originLine, siteLine } from './origin-headers.js';
import { EVIL, HOST, OWN } from './origins.js';
import { type Example, good, type Line, type Text } from './text.js';

const header = (name: string, ...value: Text): Line => ({ name, value });
const host = header('Host', HOST);
const goodCookie = header('Cookie', 'sid=', good('sid'));
const goodToken = header('X-CSRF-Token', good('csrf token'));
const post = (...lines: readonly Line[]): Example => ({ method: 'POST', path: '/look', lines });
const get = (...lines: readonly Line[]): Example => ({ method: 'GET', path: '/look', lines });
const some = (one: fc.Arbitrary<Line>, most: number) => fc.array(one, { minLength: 1, maxLength: most });

const cookieLines = some(line('Cookie', cookieHeader), 4);
const sidLines = some(line('X-Session-Id', orHuge(values('sid', 'identity token'))), 2);
const tokenLine = line('X-CSRF-Token', orHuge(values('csrf token', 'csrf cookie of a visitor', 'sid')));
const bearer = fc
  .tuple(
    fc.constantFrom('Bearer ', 'Bearer ', 'Bearer ', 'bearer ', 'Basic ', '', 'Bearer  ', 'Bearer,', 'Bearer Bearer '),
    values('identity token', 'sid'),
  )
  .map(([scheme, text]): Text => [scheme, ...text]);

/** What the good client sends. */
export const GOOD: readonly Example[] = [
  get(host, goodCookie),
  get(host, header('X-Session-Id', good('sid'))),
  post(host, goodCookie, goodToken, header('Origin', OWN)),
  { method: 'GET', path: '/identity', lines: [host, header('Authorization', 'Bearer ', good('identity token'))] },
];

/** What a hostile client sends, by the header that it spoils. */
export const KINDS: Readonly<Record<string, fc.Arbitrary<Example>>> = {
  cookie: cookieLines.map((lines) => get(host, ...lines)),

  // The good cookie comes along: a header without a good sid must not let it in, nor a request of another site.
  'session header': fc
    .tuple(sidLines, fc.boolean())
    .map(([lines, isForeign]) =>
      isForeign ? post(host, goodCookie, goodToken, header('Origin', EVIL), ...lines) : get(host, goodCookie, ...lines),
    ),

  origin: some(originLine, 2).map((lines) => post(host, goodCookie, goodToken, ...lines)),

  'Sec-Fetch': fc
    .tuple(some(siteLine, 2), fc.array(fetchDetailLine, { maxLength: 2 }), knownOriginLine)
    .map(([sites, details, origin]) => post(host, goodCookie, goodToken, origin, ...sites, ...details)),

  host: hostLine.map((line) => post(line, goodCookie, goodToken, header('Origin', EVIL))),

  'CSRF token': fc.oneof(
    some(tokenLine, 2).map((lines) => post(host, goodCookie, ...lines)),
    fc
      .tuple(values('csrf cookie of a visitor', 'csrf token'), some(tokenLine, 1))
      .map(([text, lines]) => post(host, header('Cookie', 'csrf=', ...text), ...lines)),
  ),

  'identity token': some(line('Authorization', orHuge(bearer)), 2).map((lines) => ({
    method: 'GET',
    path: '/identity',
    lines: [host, ...lines],
  })),

  'all together': fc
    .tuple(
      fc.constantFrom(get, post),
      cookieLines,
      fc.array(fc.oneof(sidLines, some(tokenLine, 1), some(originLine, 1), some(siteLine, 1)), { maxLength: 3 }),
    )
    .map(([ask, cookies, others]) => ask(host, ...cookies, ...others.flat())),
};
