import { type Morph, replace } from './markup.js';
import type { CsrfNames } from './requests.js';

/** Options of `connectSession`. All durations are in ms. */
export interface ConnectOptions {
  /** Where the server has the stream, such as `'/live'`: a URL of the page's own origin. */
  readonly url: string | URL;
  /**
   * Changes an element of the page so that it equals another one, such as `Idiomorph.morph`. Default: replaces the element, so
   * that focus and what the user typed there are lost.
   */
  readonly morph?: Morph | undefined;
  /** The names of the CSRF token, if the server does not use the defaults; `false` sends none. */
  readonly csrf?: false | ConnectCsrfOptions | undefined;
  /**
   * How long after the last input a visible page keeps its session from expiring, in ms. Default 0: only requests of the page
   * do, and the stream never does.
   */
  readonly keepAlive?: number | undefined;
  /**
   * How long the server may be silent before the connection counts as lost, in ms; 0 for ever. Default 60,000. It must be more
   * than twice the server's heartbeat.
   */
  readonly silence?: number | undefined;
  /**
   * Whether all tabs of the browser share one stream, and with it their `instance`. Default `false`. It needs HTTPS; without,
   * each tab has its own.
   */
  readonly shared?: boolean | undefined;
  /** Sends the requests. Default: that of the page. */
  readonly fetch?: typeof fetch | undefined;
}

/** Names of the CSRF token. */
export interface ConnectCsrfOptions {
  /** The cookie that has the token. Default `'csrf'`, or with a prefix: `'__Host-csrf'`, `'__Secure-csrf'`. */
  readonly cookie?: string | undefined;
  /** The header in which the token is sent. Default `'X-CSRF-Token'`. */
  readonly header?: string | undefined;
}

/** The options, with their defaults. */
export interface ConnectSettings {
  readonly url: URL;
  readonly morph: Morph;
  readonly csrf: CsrfNames | undefined;
  readonly keepAlive: number;
  readonly silence: number;
  readonly shared: boolean;
  readonly fetch: typeof fetch;
}

const KNOWN = new Set(['url', 'morph', 'csrf', 'keepAlive', 'silence', 'shared', 'fetch']);

const COOKIES = ['__Host-csrf', '__Secure-csrf', 'csrf'];

/** The longest delay of a timer, in ms. */
const LONGEST = 2_147_483_647;

/** @throws TypeError naming the option that is wrong */
export function connectSettings(options: ConnectOptions, base: string): ConnectSettings {
  const { url, morph = replace, csrf = {}, keepAlive = 0, silence = 60_000, shared = false, fetch } = options;
  for (const name of Object.keys(options)) if (!KNOWN.has(name)) throw wrong(name, 'is no option');
  const own = new URL(base);
  const target = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (target?.origin !== own.origin) throw wrong('url', 'must be a URL of the page’s own origin');
  for (const [name, value] of Object.entries({ keepAlive, silence })) {
    if (!Number.isInteger(value) || value < 0 || value > LONGEST) {
      throw wrong(name, `must be a whole number of ms from 0 to ${LONGEST}`);
    }
  }
  for (const [name, value] of Object.entries({ morph, fetch: fetch ?? replace })) {
    if (typeof value !== 'function') throw wrong(name, 'must be a function');
  }
  if (typeof shared !== 'boolean') throw wrong('shared', 'must be true or false');
  return {
    url: target,
    morph,
    csrf: csrf === false ? undefined : namesOf(csrf),
    keepAlive,
    silence,
    shared,
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

function namesOf({ cookie, header = 'X-CSRF-Token' }: ConnectCsrfOptions): CsrfNames {
  return { cookies: cookie === undefined ? COOKIES : [cookie], header };
}

function wrong(name: string, problem: string): TypeError {
  return new TypeError(`connectSession: option ${name} ${problem}`);
}
