import { expect } from 'chai';
import fc from 'fast-check';
import { FakeExchange } from '../../support/fake-exchange.js';
import { sourceModes } from '../../support/shop.js';
import { parsed } from '../../support/transports.js';
import { JUNK, Site, type SiteOptions } from '../../support/visits.js';

for (const mode of sourceModes) {
  const site = (options: SiteOptions = {}) => new Site({ mode, ...options });

  describe(`Lifecycle over a ${mode} source`, () => {
    it('takes any Cookie and X-Session-Id without failing, and finds no session in them (row 37, property)', async () => {
      const shop = site({ header: true });
      const good = await shop.issue({}, 'u1');
      const piece = fc.oneof(
        fc.string({ unit: fc.nat(0xff).map((code) => String.fromCharCode(code)) }),
        fc.constantFrom('sid=', '; ', ';', '"', '=', 'sid', good.slice(1), good.slice(0, -1), ...JUNK.slice(0, 5)),
      );
      const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
      const carried = fc.record({ cookie: text, 'x-session-id': text }, { requiredKeys: [] });
      await fc.assert(
        fc.asyncProperty(carried, async (headers) => {
          const exchange = new FakeExchange({ headers });
          const visit = await shop.lifecycle.open(exchange, false);
          expect(visit.session?.isEmpty).to.equal(true);
          await shop.lifecycle.commit(exchange, visit);
          expect(exchange.responseHeader('x-session-id').join('')).to.equal('');
          for (const line of exchange.setCookies) expect(parsed(line).value).to.equal('');
        }),
      );
      expect((await shop.storage.get(good)).uid).to.equal('u1');
    });
  });
}
