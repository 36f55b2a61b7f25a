/**
 * What the page knows of a request that may change something.
 *
 * @typedef {object} Sent
 * @property {string} line method and path
 * @property {string | undefined} token what it was sent with; `undefined` for no token
 * @property {string | undefined} refused the token that was refused before, if it was sent again
 * @property {string | null} origin what says where it came from: a header that the browser added, or 'none'
 * @property {number} status
 * @property {string | undefined} reason why it was refused as forged; `undefined` if it was not
 */

/** The service refused a request. The message is for the user. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ error: string, code?: string, reason?: string }} answer
   */
  constructor(status, { error, code, reason }) {
    super(error);
    this.status = status;
    this.code = code;
    this.reason = reason;
  }
}

const COOKIE = /(?:^|; )csrf=([^;]+)/;
const CURED_BY_A_NEW_TOKEN = ['token_missing', 'token_malformed', 'token_invalid', 'token_stale'];

/**
 * The API of the service, as the page calls it. Requests that may change something get the CSRF token of the cookie `csrf`. If that
 * has become stale, because the session has ended or another tab signed in or out, they are sent once more with a new one.
 *
 * @param {object} page
 * @param {typeof globalThis.fetch} page.fetch
 * @param {() => string} page.cookies all cookies that scripts can read
 * @param {() => string | undefined} [page.instance] the id of this tab, once it has one
 * @param {(sent: Sent) => void} page.report called after each request that may change something
 */
export function createApi({ fetch, cookies, report, instance = () => undefined }) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {string} [token]
   * @param {boolean} [isPassive]
   */
  async function send(method, path, body, token, isPassive = false) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    const tab = instance();
    if (tab !== undefined) headers['X-Session-Instance'] = tab;
    if (isPassive) headers['X-Session-Passive'] = '1';
    if (method !== 'GET') headers['Content-Type'] = 'application/json';
    if (token !== undefined) headers['X-CSRF-Token'] = token;
    const response = await fetch(`/api/${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer = response.status === 204 ? {} : await response.json();
    return { status: response.status, origin: response.headers.get('X-Console-Origin'), answer };
  }

  /**
   * A token from the service, for the session of the cookie. With 'omit' it is one for somebody without a cookie.
   *
   * @param {'same-origin' | 'omit'} [credentials]
   */
  async function newToken(credentials = 'same-origin') {
    const response = await fetch('/api/csrf-token', { credentials });
    if (!response.ok) throw new Refusal(response.status, await response.json());
    return await response.text();
  }

  /**
   * Sends one request that may change something, with this token or none.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   * @param {string | undefined} token
   * @param {string} [refused]
   */
  async function change(method, path, body, token, refused) {
    const { status, origin, answer } = await send(method, path, body, token);
    report({ line: `${method} /api/${path}`, token, refused, origin, status, reason: answer.reason });
    if (status >= 400) throw new Refusal(status, answer);
    return answer;
  }

  return {
    newToken,
    change,

    /**
     * Reads something without extending the session: the page does so by itself, and nobody has done anything.
     *
     * @param {string} path
     */
    async look(path) {
      const { status, answer } = await send('GET', path, undefined, undefined, true);
      if (status >= 400) throw new Refusal(status, answer);
      return answer;
    },

    /**
     * Calls the API and returns its answer. Throws a Refusal with its message.
     *
     * @param {string} method
     * @param {string} path
     * @param {unknown} [body]
     */
    async call(method, path, body) {
      if (method === 'GET') {
        const { status, answer } = await send(method, path, body);
        if (status >= 400) throw new Refusal(status, answer);
        return answer;
      }
      const token = COOKIE.exec(cookies())?.[1] ?? (await newToken());
      try {
        return await change(method, path, body, token);
      } catch (error) {
        if (!(error instanceof Refusal && CURED_BY_A_NEW_TOKEN.includes(error.reason ?? ''))) throw error;
        return await change(method, path, body, await newToken(), token);
      }
    },
  };
}
