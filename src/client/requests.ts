/** Where the CSRF token comes from, and where it goes. */
export interface CsrfNames {
  /** Names of cookies, of which the first that exists counts. */
  readonly cookies: readonly string[];
  readonly header: string;
}

/** What {@link Requests} needs of the page. */
export interface RequestSettings {
  /** The URL of the stream. */
  readonly url: URL;
  readonly csrf: CsrfNames | undefined;
  readonly fetch: typeof fetch;
  /** The cookies that scripts can read: `document.cookie`. */
  readonly cookies: () => string;
  /** What relative URLs refer to: `document.baseURI`. */
  readonly base: () => string;
  readonly tab: TabNames;
}

/** How the server knows the tab. */
export interface TabNames {
  /** The id of the tab. */
  readonly id: string;
  /** The name of its page. */
  readonly page: string;
  /** The page whose stream this one replaces. */
  readonly previous: string | undefined;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sends requests with the headers of the session. */
export class Requests {
  readonly #settings: RequestSettings;

  constructor(settings: RequestSettings) {
    this.#settings = settings;
  }

  /** As `fetch`. Requests to the own origin have the headers, and fail if they are redirected to another one. */
  async send(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { fetch, url, base, tab } = this.#settings;
    const isRequest = typeof input === 'object' && 'url' in input;
    const target = new URL(isRequest ? input.url : input, base());
    if (target.origin !== url.origin) return await fetch(input, init);
    const headers = new Headers(init.headers ?? (isRequest ? input.headers : undefined));
    const method = init.method ?? (isRequest ? input.method : 'GET');
    setDefault(headers, 'X-Session-Instance', tab.id);
    if (!SAFE.has(method.toUpperCase())) this.#addToken(headers);
    return await fetch(input, { ...init, headers, mode: 'same-origin' });
  }

  /** Opens the stream. `last`: the position after which it resumes; empty for none. */
  async open(last: string, signal: AbortSignal): Promise<Response> {
    const { id, page, previous } = this.#settings.tab;
    const url = new URL(this.#settings.url);
    url.searchParams.set('instance', id);
    url.searchParams.set('page', page);
    if (previous !== undefined) url.searchParams.set('previous', previous);
    const headers = { Accept: 'text/event-stream', ...(last === '' ? {} : { 'Last-Event-ID': last }) };
    const init = { headers, signal, cache: 'no-store' } as const;
    return await this.send(url, init);
  }

  /** Tells the server something that is no request of the user. */
  async post(headers: Readonly<Record<string, string>>, init: RequestInit = {}): Promise<Response> {
    return await this.send(this.#settings.url, { ...init, method: 'POST', headers });
  }

  #addToken(headers: Headers): void {
    const { csrf, cookies } = this.#settings;
    if (csrf === undefined) return;
    const token = csrf.cookies.map((name) => cookieOf(cookies(), name)).find((value) => value !== undefined);
    if (token !== undefined) setDefault(headers, csrf.header, token);
  }
}

function setDefault(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}

/** The value of a cookie in `document.cookie`. */
function cookieOf(cookies: string, name: string): string | undefined {
  const pair = cookies.split('; ').find((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
