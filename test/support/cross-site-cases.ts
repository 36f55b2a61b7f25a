import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { CsrfRefused } from '../../src/index.js';
import type { ServedShop, World } from './adapter-cases.js';

type Headers = Readonly<Record<string, string>>;

const EVIL = 'https://evil.example';

/** What the adapter of every framework does with requests that other sites make a browser send. */
export function crossSiteCases(open: (world?: World) => Promise<ServedShop>): void {
  /** A shop, and what becomes of a POST with the cookie of its user: a status, or the count of the session. */
  const visited = async (world?: World) => {
    const shop = await open(world);
    const cookie = `sid=${await shop.issue({ count: 1 }, 'u1')}`;
    const post = async (headers: Headers): Promise<unknown> => {
      const { status, text: body } = await shop.ask('/look', { method: 'POST', headers: { cookie, ...headers } });
      return status === 200 ? JSON.parse(body).uid : status;
    };
    return { shop, cookie, post, own: `http://127.0.0.1:${shop.port}` };
  };

  /** The status line of a POST with these lines of headers, as they are. */
  const postLines = async (
    { port }: ServedShop,
    lines: readonly string[],
    host = `127.0.0.1:${port}`,
  ): Promise<string | undefined> => {
    const socket = connect(port, '127.0.0.1');
    const head = [`POST /look HTTP/1.1`, `Host: ${host}`, 'Connection: close', 'Content-Length: 0', ...lines];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return (await text(socket)).split('\r\n', 1)[0]?.split(' ')[1];
  };

  describe('a request that another site made the browser send', () => {
    it('is a 403 of the error handler, and leaves the session as it was', async () => {
      const { shop, cookie, post } = await visited();
      const {
        status,
        text: body,
        headers,
      } = await shop.ask('/sign-out', {
        method: 'POST',
        headers: { cookie, origin: EVIL, 'sec-fetch-site': 'cross-site' },
      });
      expect([status, JSON.parse(body)]).to.deep.equal([403, { code: 'EBADCSRFTOKEN' }]);
      expect(headers['set-cookie']).to.equal(undefined);
      expect(shop.errors).to.have.length(1);
      expect(shop.errors[0]).to.be.instanceOf(CsrfRefused);
      expect(await post({})).to.equal('u1');
    });

    it('is refused without a cookie too, so that it signs nobody in', async () => {
      const shop = await open();
      const headers = { origin: EVIL, 'sec-fetch-site': 'cross-site' };
      const { status, headers: got } = await shop.ask('/sign-in?user=mallory', { method: 'POST', headers });
      expect([status, got['set-cookie']]).to.deep.equal([403, undefined]);
    });

    it('is known by Origin where there is no Sec-Fetch-Site', async () => {
      const { post, own } = await visited();
      expect(await post({ origin: own })).to.equal('u1');
      for (const origin of [EVIL, 'null', '', `${own}0`, 'http://127.0.0.1', own.replace('127.0.0.1', 'localhost')]) {
        expect(await post({ origin }), origin).to.equal(403);
      }
    });

    it('may come from a listed origin', async () => {
      const { post } = await visited({ csrf: { origins: [EVIL] } });
      expect(await post({ origin: EVIL, 'sec-fetch-site': 'cross-site' })).to.equal('u1');
      expect(await post({ origin: 'https://other.example', 'sec-fetch-site': 'cross-site' })).to.equal(403);
    });

    it('is let in if there is no check', async () => {
      const { post } = await visited({ csrf: false });
      expect(await post({ origin: EVIL, 'sec-fetch-site': 'cross-site' })).to.equal('u1');
    });

    it('is compared with the host that a proxy forwarded, if the framework trusts it', async () => {
      const { post } = await visited({ trustProxy: true });
      const forwarded = { 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };
      expect(await post({ ...forwarded, origin: 'https://shop.example' })).to.equal('u1');
      expect(await post({ ...forwarded, origin: 'http://shop.example' })).to.equal(403);
      expect(await post({ ...forwarded, origin: EVIL })).to.equal(403);
      const onPort = { 'x-forwarded-host': 'shop.example:8443', 'x-forwarded-proto': 'https' };
      expect(await post({ ...onPort, origin: 'https://shop.example:8443' })).to.equal('u1');
      expect(await post({ ...onPort, origin: 'https://shop.example' })).to.equal(403);
    });

    it('is compared with its own host, if the framework does not trust the proxy', async () => {
      const { post, own } = await visited();
      const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
      expect(await post({ ...forwarded, origin: EVIL })).to.equal(403);
      expect(await post({ ...forwarded, origin: own })).to.equal('u1');
    });

    it('cannot hide behind a Host header that names no host', async () => {
      const { shop, cookie } = await visited();
      for (const host of ['xn--', '0x7f.1', '_0x7f.1', 'a..b:99999', '%'])
        expect(await postLines(shop, [`Cookie: ${cookie}`, `Origin: ${EVIL}`], host), host).to.be.oneOf(['403', '400']);
    });

    it('cannot hide behind a header that comes twice', async () => {
      const { shop, cookie, own } = await visited();
      for (const [status, ...lines] of [
        ['200', `Origin: ${own}`],
        ['403', `Origin: ${own}`, `Origin: ${EVIL}`],
        ['403', `Origin: ${EVIL}`, `Origin: ${own}`],
        ['403', `Origin: ${own}`, `Origin: ${own}`],
        ['200', 'Sec-Fetch-Site: same-origin'],
        ['403', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site'],
        ['403', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'],
        ['403', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin'],
      ]) {
        expect(await postLines(shop, [`Cookie: ${cookie}`, ...lines]), lines.join()).to.equal(status);
      }
    });
  });
}
