import { copyAsJson } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';

/** The longest Set-Cookie line that browsers accept, roughly: name and value have 4,096 bytes, attributes 1,024 each. */
const LONGEST_COOKIE = 8_192;
/** How the names of the client's own events begin. */
const RESERVED = 'session:';

/** What `live.send` sends. The functions `html`, `path`, `reload`, `cookie` and `message` make it. */
export type LiveEvent =
  | { readonly type: 'html'; readonly html: string }
  | { readonly type: 'path'; readonly path: string }
  | { readonly type: 'reload' }
  | { readonly type: 'cookie'; readonly cookie: string }
  | { readonly type: 'message'; readonly name: string; readonly data: unknown };

/**
 * Markup for the page: each root element replaces, or is morphed into, the element with its id. Escape what users wrote: the markup is
 * trusted.
 * @throws TypeError unless it is a string
 */
export function html(markup: string): LiveEvent {
  return { type: 'html', html: text('html', 'markup', markup) };
}

/**
 * The page goes to a path of its own origin, such as `/sign-in?from=home`.
 * @throws TypeError unless it begins with `/` and leads nowhere else
 */
export function path(url: string): LiveEvent {
  const given = text('path', 'a path', url);
  if (!given.startsWith('/') || !isOwn(given)) {
    throw new TypeError('path: expected a path of the page’s own origin, which begins with one slash');
  }
  return { type: 'path', path: given };
}

/** The page loads anew. */
export function reload(): LiveEvent {
  return { type: 'reload' };
}

/**
 * A cookie for the browser, as the value of a Set-Cookie header. The stream carries only a claim, and the client fetches the cookie
 * by a request of its own. So it can be HttpOnly. For one session only.
 * @throws TypeError unless it is one Set-Cookie value
 */
export function cookie(setCookie: string): LiveEvent {
  const line = text('cookie', 'the value of a Set-Cookie header', setCookie);
  if (!/^[\w!#$%&'*+.^`|~-]+=[\t\x20-\x7e]*$/.test(line) || line.length > LONGEST_COOKIE) {
    throw new TypeError('cookie: expected the value of one Set-Cookie header: name=value, attributes, in ASCII');
  }
  return { type: 'cookie', cookie: line };
}

/**
 * A message of the application, for `live.on(name, ...)` in the client.
 * @param name not empty, and without `session:` at its start: those are the client's own events
 * @param data what JSON can represent; default `null`
 * @throws TypeError for another name @throws SessionDataInvalid if JSON cannot represent the data
 */
export function message(name: string, data: unknown = null): LiveEvent {
  if (text('message', 'a name', name) === '') throw new TypeError('message: expected a name, got an empty string');
  if (name.startsWith(RESERVED)) {
    throw new TypeError('message: names that begin with "session:" are for events of the client: choose another name');
  }
  return { type: 'message', name, data: copyAsJson({ data }, 'message').data };
}

/** Makes an event of whatever was passed as one. @throws TypeError @throws SessionDataInvalid */
export function judgeEvent(event: LiveEvent): LiveEvent {
  switch (event?.type) {
    case 'html':
      return html(event.html);
    case 'path':
      return path(event.path);
    case 'reload':
      return reload();
    case 'cookie':
      return cookie(event.cookie);
    case 'message':
      return message(event.name, event.data);
    default:
      throw new TypeError(`send: expected an event of html, path, reload, cookie or message, got ${kindOf(event)}`);
  }
}

function text(what: string, expected: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${what}: expected ${expected}, got ${kindOf(value)}`);
}

/** As browsers resolve it: they drop tabs and line breaks, and take `\` for `/`. */
function isOwn(given: string): boolean {
  const base = 'http://own.invalid';
  return URL.canParse(given, base) && new URL(given, base).origin === base;
}
