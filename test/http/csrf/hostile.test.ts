import { expect } from 'chai';
import fc from 'fast-check';
import { activate } from '../../../src/http/activation.js';
import { CsrfRefused } from '../../../src/index.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { Shop, type ShopSession } from '../../support/shop.js';

const HOST = 'shop.example:8443';
const OWN = `https://${HOST}`;
const LISTED = 'https://partner.example';

/** Pieces that parsers of URLs stumble over. */
const piece = fc.constantFrom(
  ...[
    'https://',
    'http://',
    '//',
    'shop.example',
    'partner.example',
    'evil.example',
    ':8443',
    ':443',
    '.',
    '..',
    '/',
    '\\',
    '@',
    '#',
    '?',
  ],
  ...[
    '%2e',
    '%00',
    'xn--',
    'ü',
    '\u0000',
    ' ',
    '\t',
    ', ',
    'null',
    'NULL',
    '[',
    ']',
    '[::1]',
    '127.0.0.1',
    '0x7f.1',
    '-',
    '_',
    '*',
    'a',
  ],
);
const hostile = fc.oneof(
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(100_000), ','.repeat(100_000), `${OWN}, `.repeat(5000), OWN, LISTED),
  },
);
const site = fc.oneof(
  fc.constantFrom(
    'cross-site',
    'same-site',
    'same-origin, cross-site',
    'cross-site, same-origin',
    'Same-Origin',
    'none ',
    '',
  ),
  hostile,
);

describe('Hostile headers', () => {
  const shop = new Shop();
  const { sessionStorage } = shop;
  const activation = activate<ShopSession, object>({ sessionStorage, cookie: true, csrf: { origins: [LISTED] } });
  let cookie = '';
  before(async () => {
    cookie = `sid=${await shop.issue({ count: 1 }, 'u1')}`;
  });

  /** The user whose session was opened, or 'refused'. Any other error fails the test. */
  async function asked(headers: Readonly<Record<string, string>>): Promise<string | undefined> {
    try {
      const visit = await activation.open({}, new FakeExchange({ method: 'POST', headers: { ...headers, cookie } }));
      return visit.session?.uid;
    } catch (error) {
      if (error instanceof CsrfRefused) return 'refused';
      throw error;
    }
  }

  it('of Origin open no session, unless the origin is the own or listed', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (origin) => {
        const isGood = origin === OWN || origin === LISTED;
        expect(await asked({ host: HOST, origin })).to.equal(isGood ? 'u1' : 'refused');
      }),
      { numRuns: 2000 },
    );
  });

  it('of Sec-Fetch-Site open no session, unless it is same-origin or none', async () => {
    await fc.assert(
      fc.asyncProperty(site, fc.constantFrom('https://evil.example', OWN, 'null'), async (value, origin) => {
        const isGood = value === 'same-origin' || value === 'none';
        const headers = { host: HOST, origin, 'sec-fetch-site': value };
        expect(await asked(headers)).to.equal(isGood ? 'u1' : 'refused');
      }),
      { numRuns: 2000 },
    );
  });

  it('of Host open no session for a foreign origin', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (host) => {
        const isOwn = /^evil\.example(?::443)?$/i.test(host);
        expect(await asked({ host, origin: 'https://evil.example' })).to.equal(isOwn ? 'u1' : 'refused');
      }),
      { numRuns: 2000 },
    );
  });
});
