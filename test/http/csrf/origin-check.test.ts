import { expect } from 'chai';
import { isCrossOrigin } from '../../../src/http/csrf/origin-check.js';
import { FakeExchange, type FakeRequest } from '../../support/fake-exchange.js';

const LISTED = new Set(['https://partner.example', 'http://127.0.0.1:8080', 'capacitor://localhost']);
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'get', 'Post', ''];

/** What a request to this host, over TLS unless said otherwise, has besides its method. */
interface Sent {
  readonly host?: string;
  readonly origin?: string;
  readonly site?: string;
  readonly secure?: boolean;
  /** The host as the framework sees it, if that is not the Host header. */
  readonly seen?: string;
}

function requestOf(method: string, { host = 'shop.example', origin, site, secure = true, seen }: Sent): FakeExchange {
  const asked: FakeRequest = {
    method,
    secure,
    headers: {
      host,
      ...(origin !== undefined && { origin }),
      ...(site !== undefined && { 'sec-fetch-site': site }),
    },
  };
  return new FakeExchange(seen === undefined ? asked : { ...asked, host: seen });
}

const isForeign = (sent: Sent, method = 'POST'): boolean => isCrossOrigin(requestOf(method, sent), LISTED);

const OWN = 'https://shop.example';
const FOREIGN = 'https://evil.example';

/** What passes, and what does not. The first rows are the behaviours of CrossOriginProtection of Go 1.25. */
const TABLE: readonly [what: string, sent: Sent, passes: boolean][] = [
  ['Sec-Fetch-Site same-origin', { site: 'same-origin' }, true],
  ['Sec-Fetch-Site none', { site: 'none' }, true],
  ['Sec-Fetch-Site cross-site', { site: 'cross-site' }, false],
  ['Sec-Fetch-Site same-site', { site: 'same-site' }, false],
  ['neither header', {}, true],
  ['the own origin', { origin: OWN }, true],
  ['another origin', { origin: FOREIGN }, false],
  ['the origin null', { origin: 'null' }, false],
  ['a listed origin', { origin: 'https://partner.example' }, true],
  ['a listed origin with Sec-Fetch-Site cross-site', { origin: 'https://partner.example', site: 'cross-site' }, true],
  ['a listed origin with Sec-Fetch-Site same-site', { origin: 'https://partner.example', site: 'same-site' }, true],
  ['an origin that is not listed, with Sec-Fetch-Site cross-site', { origin: FOREIGN, site: 'cross-site' }, false],
  ['the own origin with Sec-Fetch-Site cross-site', { origin: OWN, site: 'cross-site' }, false],
  ['another origin with Sec-Fetch-Site same-origin', { origin: FOREIGN, site: 'same-origin' }, true],

  // Sec-Fetch-Site in other spellings
  ['Sec-Fetch-Site twice', { site: 'same-origin, same-origin' }, false],
  ['Sec-Fetch-Site twice, of two minds', { site: 'cross-site, same-origin' }, false],
  ['Sec-Fetch-Site in capitals', { site: 'Same-Origin' }, false],
  ['an empty Sec-Fetch-Site', { site: '' }, false],
  ['an unknown Sec-Fetch-Site', { site: 'same-planet', origin: OWN }, false],

  // Origin in other spellings
  ['an empty origin', { origin: '' }, false],
  ['the own origin in capitals', { origin: 'https://SHOP.example' }, false],
  ['the own scheme in capitals', { origin: 'HTTPS://shop.example' }, false],
  ['the own origin with a slash', { origin: `${OWN}/` }, false],
  ['the own origin with a path', { origin: `${OWN}/form` }, false],
  ['the own origin with a query', { origin: `${OWN}?` }, false],
  ['the own origin with a user', { origin: 'https://user@shop.example' }, false],
  ['the own host as a user', { origin: 'https://shop.example@evil.example' }, false],
  ['the own host behind a backslash', { origin: 'https://evil.example\\shop.example' }, false],
  ['two origins', { origin: `${OWN}, ${FOREIGN}` }, false],
  ['the own origin twice', { origin: `${OWN}, ${OWN}` }, false],
  ['two origins, separated by a space', { origin: `${OWN} ${FOREIGN}` }, false],
  ['a host without a scheme', { origin: 'shop.example' }, false],
  ['a host behind slashes', { origin: '//shop.example' }, false],
  ['another scheme', { origin: 'ftp://shop.example' }, false],
  ['the own origin within a blob', { origin: `blob:${OWN}` }, false],
  ['the origin of a file', { origin: 'file://' }, false],

  // Hosts that look alike
  ['the own host as a prefix', { origin: 'https://shop.example.evil.example' }, false],
  ['the own host as a suffix', { origin: 'https://evilshop.example' }, false],
  ['a subdomain', { origin: 'https://blog.shop.example' }, false],
  ['the parent domain', { host: 'app.shop.example', origin: OWN }, false],
  ['a sibling domain', { host: 'app.shop.example', origin: 'https://blog.shop.example' }, false],
  ['a dot at the end of the origin', { origin: 'https://shop.example.' }, false],
  ['a dot at the end of the host', { host: 'shop.example.', origin: OWN }, false],
  ['a dot at the end of both', { host: 'shop.example.', origin: 'https://shop.example.' }, true],
  ['an international name', { host: 'xn--bcher-kva.example', origin: 'https://xn--bcher-kva.example' }, true],
  [
    'an international name that is not encoded',
    { host: 'xn--bcher-kva.example', origin: 'https://bücher.example' },
    false,
  ],
  ['an international look-alike', { origin: 'https://ѕhop.example' }, false],
  ['the look-alike, encoded', { origin: 'https://xn--hop-qre.example' }, false],

  // Ports
  ['another port of the origin', { origin: 'https://shop.example:8443' }, false],
  ['another port of the host', { host: 'shop.example:8443', origin: OWN }, false],
  ['the same port', { host: 'shop.example:8443', origin: 'https://shop.example:8443' }, true],
  ['a port that only begins alike', { host: 'shop.example:844', origin: 'https://shop.example:8443' }, false],
  ['the default port in the host', { host: 'shop.example:443', origin: OWN }, true],
  ['the default port of the other scheme', { host: 'shop.example:80', origin: OWN }, false],
  ['the default port in the origin, where browsers leave it out', { origin: 'https://shop.example:443' }, false],
  ['a port that is none', { host: 'shop.example:99999', origin: 'https://shop.example:99999' }, false],

  // Schemes
  ['http, to a request over TLS', { origin: 'http://shop.example' }, false],
  ['https, to one without', { origin: OWN, secure: false }, true],
  ['http, to one without', { origin: 'http://shop.example', secure: false }, true],
  [
    'http with its default port, to one without',
    { host: 'a.example:80', origin: 'http://a.example', secure: false },
    true,
  ],
  ['ws, to one without', { origin: 'ws://shop.example', secure: false }, false],

  // Hosts of requests
  ['a host in capitals', { host: 'SHOP.Example', origin: OWN }, true],
  ['an address', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000', secure: false }, true],
  [
    'another address of this machine',
    { host: '127.0.0.1:3000', origin: 'http://localhost:3000', secure: false },
    false,
  ],
  ['an address of version 6', { host: '[::1]:3000', origin: 'http://[::1]:3000', secure: false }, true],
  ['a name with an underscore', { host: 'my_app:3000', origin: 'http://my_app:3000', secure: false }, true],
  ['the host that a trusted proxy forwarded', { host: '10.0.0.5:3000', seen: 'shop.example', origin: OWN }, true],
  ['the host behind a trusted proxy', { host: '10.0.0.5', seen: 'shop.example', origin: 'https://10.0.0.5' }, false],
  ['a host with a user', { host: 'user@shop.example', origin: OWN }, false],
  ['a host with a path', { host: 'shop.example/x', origin: OWN }, false],
  ['a host with a query', { host: 'shop.example?x', origin: OWN }, false],
  ['two hosts', { host: 'shop.example, evil.example', origin: FOREIGN }, false],
  ['no host', { host: '', origin: 'https://' }, false],
  ['a host that is a percentage', { host: '%73hop.example', origin: OWN }, false],

  // Listed origins
  ['another port of a listed one', { origin: 'https://partner.example:8443' }, false],
  ['another scheme of a listed one', { origin: 'http://partner.example' }, false],
  ['a subdomain of a listed one', { origin: 'https://a.partner.example' }, false],
  ['a listed one in capitals', { origin: 'https://Partner.example' }, false],
  ['a listed one with a slash', { origin: 'https://partner.example/' }, false],
  ['a listed one behind another', { origin: `${FOREIGN}, https://partner.example` }, false],
  ['a listed one of an application', { origin: 'capacitor://localhost', site: 'cross-site' }, true],
  ['a name of Object', { origin: 'constructor' }, false],
];

describe('The check of the origin (row 48)', () => {
  for (const [what, sent, passes] of TABLE) {
    it(`${passes ? 'lets pass' : 'refuses'} ${what}`, () => {
      expect(isForeign(sent)).to.equal(!passes);
    });
  }

  it('lets safe methods pass, wherever they come from', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      for (const [what, sent] of TABLE) expect(isForeign(sent, method), `${method}: ${what}`).to.equal(false);
    }
  });

  it('treats every other method alike', () => {
    for (const method of UNSAFE) {
      for (const [what, sent, passes] of TABLE) expect(isForeign(sent, method), `${method}: ${what}`).to.equal(!passes);
    }
  });

  it('refuses an origin if the request names no host', () => {
    const request = new FakeExchange({ method: 'POST', headers: { origin: OWN } });
    expect(isCrossOrigin(request, LISTED)).to.equal(true);
  });
});
