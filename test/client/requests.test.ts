import { expect } from 'chai';
import { Requests } from '../../src/client/requests.js';

const COOKIES = ['__Host-csrf', '__Secure-csrf', 'csrf'];

/** The headers of a request, as `fetch` gets them. */
async function sent(
  input: string | URL | Request,
  init?: RequestInit,
  { cookies = 'a=b; csrf=t1', names = COOKIES, base = 'https://shop.test/a/' } = {},
): Promise<Record<string, string>> {
  let headers: Record<string, string> = {};
  const requests = new Requests({
    url: new URL('https://shop.test/live'),
    csrf: { cookies: names, header: 'X-CSRF-Token' },
    fetch: async (target, options) => {
      const given = options?.headers ?? (target instanceof Request ? target.headers : undefined);
      headers = Object.fromEntries(new Headers(given));
      return new Response();
    },
    cookies: () => cookies,
    base: () => base,
    tab: { id: 'tab', page: 'page', previous: undefined },
  });
  await requests.send(input, init);
  return headers;
}

const BOTH = { 'x-session-instance': 'tab', 'x-csrf-token': 't1' };
const POST = { method: 'POST' };

describe('A request of the client', () => {
  it('has the headers of the session if it goes to the own origin', async () => {
    for (const input of [
      '/buy',
      'buy',
      '?a',
      'https://shop.test/buy',
      'https://shop.test:443/buy',
      '//shop.test/buy',
    ]) {
      expect(await sent(input, POST), input).to.deep.equal(BOTH);
    }
    expect(await sent(new Request('https://shop.test/buy', POST))).to.deep.equal(BOTH);
  });

  it('has none if it goes anywhere else', async () => {
    for (const input of [
      'http://shop.test/buy',
      'https://shop.test:8443/buy',
      'https://sub.shop.test/buy',
      'https://shop.test.evil.test/buy',
      'https://shop.test@evil.test/buy',
      '//evil.test/buy',
      '/\\evil.test/buy',
      'data:,a',
    ])
      expect(await sent(input, POST), input).to.deep.equal({});
    expect(await sent(new Request('https://evil.test/'), POST)).to.deep.equal({});
    expect(await sent('/buy', POST, { base: 'https://evil.test/' })).to.deep.equal({});
  });

  it('has the CSRF token if it may change something', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'get']) {
      expect(await sent('/a', { method }), method).to.deep.equal({ 'x-session-instance': 'tab' });
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'post']) {
      expect(await sent('/a', { method }), method).to.deep.equal(BOTH);
    }
  });

  it('takes the token from the cookie with the strongest prefix, and from none that only looks like it', async () => {
    const tokenOf = async (cookies: string, names?: string[]): Promise<string | undefined> =>
      (await sent('/a', POST, { cookies, ...(names && { names }) }))['x-csrf-token'];
    expect(await tokenOf('csrf=1; __Secure-csrf=2; __Host-csrf=3')).to.equal('3');
    expect(await tokenOf('csrf=1; __Secure-csrf=2')).to.equal('2');
    expect(await tokenOf('csrf=a=b')).to.equal('a=b');
    expect(await tokenOf('xcsrf=1; csrfx=2; a=csrf=3')).to.equal(undefined);
    expect(await tokenOf('csrf=1; mine=2', ['mine'])).to.equal('2');
    expect(await tokenOf('')).to.equal(undefined);
  });

  it('keeps the headers of its sender', async () => {
    const headers = { 'X-CSRF-Token': 'own', 'X-Other': '1' };
    expect(await sent('/a', { ...POST, headers })).to.deep.equal({
      'x-session-instance': 'tab',
      'x-csrf-token': 'own',
      'x-other': '1',
    });
    const request = new Request('https://shop.test/a', { ...POST, headers: { 'X-Other': '1' } });
    expect(await sent(request)).to.deep.equal({ ...BOTH, 'x-other': '1' });
  });
});
