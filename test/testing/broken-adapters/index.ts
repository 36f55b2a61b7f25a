import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf } from '../../support/adapter-apps/ways.js';
import { type BrokenAdapter, broken, type Defect } from './broken-adapter.js';

const KEPT = 'a session from request to request';
const CARRIED = 'cookie and header';
const WITH = 'the session goes out with';
const PROXY = 'the cookie behind a proxy, and on this machine';
const LATE = 'a change after the head of the response';
const AT_ONCE = 'requests at the same time';
const CROSS = 'a request that another site made the browser send';
const SEVERAL = 'several activations';
const CONNECTIONS = 'connections';

/** No cookie where it matters. */
const withoutCookie = (isMeant: (response: ServerResponse, path: string, method: string) => boolean): Defect => ({
  head(response, { url, method = '' }) {
    if (isMeant(response, pathOf(url), method)) response.removeHeader('Set-Cookie');
  },
});

const withStatus = (from: (status: number) => boolean, to: number): Defect => ({
  head(response) {
    if (from(response.statusCode)) response.statusCode = to;
  },
});

const withoutHeader = (name: string): Defect => ({ head: (response) => response.removeHeader(name) });

const withHeader = (name: string, value: string): Defect => ({
  head: (response) => void response.setHeader(name, value),
});

/** Of headers that come twice, the first. */
function firstOf(name: string): Defect {
  return {
    request(request) {
      const at = request.rawHeaders.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name);
      if (at !== -1) request.headers[name] = request.rawHeaders[at + 1];
    },
  };
}

function lastBody(): Defect {
  let last: string | undefined;
  return {
    text(text) {
      const given = last ?? text;
      last = text;
      return given;
    },
  };
}

const forgettingCookieOf = (path: string): Defect => ({
  request(request) {
    if (pathOf(request.url) === path) delete request.headers.cookie;
  },
});

const u1ForAll: Defect = { text: (text, path) => (path === '/look' ? text.replace('"uid":null', '"uid":"u1"') : text) };
const nobody: Defect = {
  text: (text, path) => (path === '/look' ? text.replace(/"uid":"[^"]*"/, '"uid":null') : text),
};

function sidFromQuery(request: IncomingMessage): void {
  const sid = new URL(request.url ?? '', 'http://x').searchParams.get('sid');
  if (sid !== null) request.headers.cookie = `sid=${sid}`;
}

/** Adapters with one defect each, at least one for every case. */
export const BROKEN_ADAPTERS: readonly BrokenAdapter[] = [
  broken(
    'sends no cookie',
    withoutCookie(() => true),
    `${KEPT}: is sent once it has data, and kept`,
    `${WITH}: a redirect, after which the next request finds it`,
    `${WITH}: a stream, which arrives whole`,
    `${AT_ONCE}: get one successor when all of them rotate, and nobody is signed out`,
  ),
  broken(
    'makes sessions lazily',
    { options: { create: 'lazy' } },
    `${KEPT}: is sent at once with create: 'eager'`,
    `${KEPT}: does not exist without a sid with create: 'never'`,
  ),
  broken(
    'sends no cookie after a sign-in',
    withoutCookie((_response, path) => path === '/sign-in'),
    `${KEPT}: gets a new sid when its user signs in`,
  ),
  broken(
    'sends no cookie after a rotation',
    withoutCookie((_response, path) => path === '/rotate'),
    `${KEPT}: gets a new sid when it is rotated, and is opened by the old one until the grace is over`,
  ),
  broken(
    'answers everyone as u1',
    u1ForAll,
    `${KEPT}: opens nothing by the sid from before a sign-in`,
    `${KEPT}: expires when it has not been used for its idle timeout, and lives on when it has`,
    `${KEPT}: expires at its absolute timeout, though it is used all the time`,
    `${AT_ONCE}: cannot undo a sign-out: a late change is not saved`,
  ),
  broken(
    'answers everyone as nobody',
    nobody,
    'errors: an error after the head leaves the session as it was, and other requests go on',
    `${CROSS}: may read: GET passes`,
  ),
  broken(
    'counts passive requests',
    { activation: () => ({ passive: () => false }) },
    `${KEPT}: is not kept alive by passive requests`,
  ),
  broken(
    'gives a session to all paths',
    { activation: () => ({ only: () => true }) },
    `${KEPT}: is there only where the option only says so`,
  ),
  broken('uses one property', { options: { property: 'session' } }, `${KEPT}: is found in another property`),
  broken(
    'sends no header',
    withoutHeader('X-Session-Id'),
    `${CARRIED}: a session is kept by the header alone`,
    `${CARRIED}: a sign-out ends and clears both`,
  ),
  broken(
    'knows no header',
    { options: { header: false, cookie: true } },
    `${CARRIED}: a request with the header is judged by the header alone`,
  ),
  broken(
    'takes sids from the query string',
    { request: sidFromQuery },
    `${CARRIED}: a sid in the query string opens nothing`,
  ),
  broken(
    'drops CORS headers',
    withoutHeader('Access-Control-Allow-Origin'),
    `${CARRIED}: the header goes out beside the CORS headers of the application`,
  ),
  broken(
    'treats OPTIONS as GET',
    { request: (request) => void (request.method === 'OPTIONS' && Object.assign(request, { method: 'GET' })) },
    `${CARRIED}: OPTIONS, such as a preflight, opens, changes and sends no session`,
  ),
  broken(
    'clears cookies without their domain',
    {
      head(response) {
        const lines = [response.getHeader('Set-Cookie') ?? []].flat().map(String);
        if (lines.length > 0)
          response.setHeader(
            'Set-Cookie',
            lines.map((line) => (/Max-Age=0/i.test(line) ? line.replace(/; Domain=[^;]+/i, '') : line)),
          );
      },
    },
    `${CARRIED}: a cookie is cleared with the attributes that it was set with`,
  ),
  broken(
    'takes the first of two cookies',
    {
      request(request) {
        request.headers.cookie = request.headers.cookie?.split(';', 1)[0];
      },
    },
    `${CARRIED}: two cookies with different sessions open none, and are cleared`,
  ),
  broken(
    'answers errors with 200',
    withStatus((status) => status >= 400, 200),
    `${CARRIED}: a token that is too large for a cookie goes to the error handler, and the old session lives on`,
    'errors: data that JSON cannot carry goes to the error handler, and the old session lives on',
  ),
  broken('sends no length', withoutHeader('Content-Length'), `${WITH}: a text and its length`),
  broken(
    'sends the last cookie only',
    {
      head(response) {
        const last = [response.getHeader('Set-Cookie') ?? []].flat().at(-1);
        if (last !== undefined) response.setHeader('Set-Cookie', String(last));
      },
    },
    `${WITH}: JSON, and the status, headers and cookies of the application`,
  ),
  broken(
    'sends no cookie for HEAD',
    withoutCookie((_response, _path, method) => method === 'HEAD'),
    `${WITH}: the answer to HEAD, which has no body`,
  ),
  broken(
    'sends no cookie with 204',
    withoutCookie(({ statusCode }) => statusCode === 204),
    `${WITH}: 204, which has no body`,
  ),
  broken(
    'sends no cookie with 304',
    withoutCookie(({ statusCode }) => statusCode === 304),
    `${WITH}: 304, which has no body`,
  ),
  broken(
    'sends no cookie with 206',
    withoutCookie(({ statusCode }) => statusCode === 206),
    `${WITH}: a part of a file`,
  ),
  broken(
    'always varies',
    withHeader('Vary', 'Cookie'),
    `${WITH}: no headers of its own where it was neither read nor sent`,
  ),
  broken('never varies', withoutHeader('Vary'), `${WITH}: Vary where it was read, and no-store where it was sent`),
  broken(
    'lets caches keep everything',
    withHeader('Cache-Control', 'public, max-age=600'),
    `${WITH}: no-store in place of what would let caches keep a response with a sid`,
  ),
  broken(
    'trusts every proxy',
    { app: () => ({ trustProxy: true }) },
    `${PROXY}: is not Secure over plain HTTP, whatever a proxy that is not trusted says`,
    `${CROSS}: is compared with its own host if the proxy is not trusted`,
  ),
  broken(
    'trusts no proxy',
    { app: () => ({ trustProxy: false }) },
    `${PROXY}: is Secure if a trusted proxy says https, and not if that says http`,
    `${CROSS}: is compared with the host that a trusted proxy forwarded`,
  ),
  broken(
    'does not know this machine',
    { request: ({ socket }) => void Object.defineProperty(socket, 'remoteAddress', { value: '203.0.113.9' }) },
    `${PROXY}: loses the prefix of its name only over plain HTTP straight from this machine`,
  ),
  broken(
    'does not see what a proxy says',
    {
      request({ headers }) {
        for (const name of ['x-forwarded-proto', 'x-forwarded-for']) delete headers[name];
      },
    },
    `${PROXY}: keeps the prefix of its name behind a trusted proxy`,
  ),
  broken(
    'sends no cookie with errors',
    withoutCookie(({ statusCode }) => statusCode === 500),
    'errors: a route that throws keeps its sign-in, beside the answer of the error handler',
    'errors: a route that rejects keeps its sign-in, beside the answer of the error handler',
    'errors: a route that throws after a sign-out clears the cookie, and ends the session',
  ),
  broken(
    'answers every error with 500',
    withStatus((status) => status > 500, 500),
    'errors: revocations that cannot be read are a 503, and requests without a sid pass',
    'errors: a store that cannot be read is a 503, and the route does not run',
    'errors: a sign-in that cannot be stored is a 503 of the error handler, and the session stays as it was',
    'errors: a sign-out that cannot be stored is a 503 of the error handler, and the session stays as it was',
  ),
  broken(
    'answers junk with 400',
    {
      head(response, { headers }) {
        if (/a\.b\.c/.test(headers.cookie ?? '')) response.statusCode = 400;
      },
    },
    'errors: a junk sid is no session, and never an error',
  ),
  broken(
    'loses a part',
    { keepsPart: (part) => part !== 2 },
    `${WITH}: a stream, which arrives whole`,
    `${LATE}: is saved in a store when the response is over`,
    `${LATE}: is reported as lost if it needs a new token`,
    `${LATE}: that needs a new sid throws ERR_SESSION_HEAD_SENT`,
    `${LATE}: that ends the session is carried out`,
  ),
  broken('forgets the cookie of a path', forgettingCookieOf('/other'), `${AT_ONCE}: keep the changes of both`),
  broken(
    'answers redirects with 200',
    withStatus((status) => status === 302, 200),
    `${AT_ONCE}: are signed in when a sign-in is submitted twice, with a session before`,
    `${AT_ONCE}: are signed in when a sign-in is submitted twice, without a session before`,
  ),
  broken(
    'mixes up responses',
    lastBody(),
    `${AT_ONCE}: of many users are never mixed up`,
    `${CONNECTIONS}: requests over one connection are never mixed up`,
  ),
  broken(
    'answers before the session is stored',
    {
      after({ url }, response) {
        if (pathOf(url) !== '/go') return;
        // Written to the socket, because the response itself waits for the session.
        response.socket?.end('HTTP/1.1 302 Found\r\nLocation: /look\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      },
    },
    `${AT_ONCE}: are answered only when the session is stored: no redirect arrives before it`,
  ),
  broken(
    'does not check origins',
    { options: { csrf: false } },
    `${CROSS}: is a 403 of the error handler, and leaves the session as it was`,
    `${CROSS}: is refused without a cookie too, so that it signs nobody in`,
    `${CROSS}: is known by Origin if there is no Sec-Fetch-Site`,
    `${CROSS}: cannot hide behind a header that comes twice`,
    `${CROSS}: cannot hide behind a Host header that names no host`,
  ),
  broken(
    'always checks origins, against none',
    { options: { csrf: undefined } },
    `${CROSS}: may come from a listed origin`,
    `${CROSS}: passes if there is no check`,
  ),
  broken(
    'installs the first activation only',
    { app: ({ activations }) => ({ activations: activations.slice(0, 1) }) },
    `${SEVERAL}: keep two sessions of one client apart`,
    `${SEVERAL}: in an application and its sub-application, they are two sessions of one request`,
  ),
  broken(
    'knows no sub-applications',
    { activation: () => ({ mount: undefined }) },
    `${SEVERAL}: in a sub-application, they give sessions to its paths only`,
  ),
  broken(
    'takes the first session header',
    firstOf('x-session-id'),
    `${CONNECTIONS}: a session header that comes twice opens nothing`,
  ),
  broken('takes the first Cookie header', firstOf('cookie'), `${CONNECTIONS}: several Cookie headers count as one`),
  broken(
    'makes an error of a client that went away',
    {
      request: (_request, response, errors) =>
        void response.once('close', () => response.writableFinished || errors.push(new Error('gone'))),
    },
    `${CONNECTIONS}: a sign-in is carried out though its client went away in the middle of it`,
    `${CONNECTIONS}: a sign-out is carried out though its client went away in the middle of it`,
  ),
].flat();
