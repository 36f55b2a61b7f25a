import { expect } from 'chai';
import { activate } from '../../src/http/activation.js';
import { FakeExchange } from '../support/fake-exchange.js';
import { errorOf } from '../support/outcomes.js';
import { Shop } from '../support/shop.js';

describe('An option of activateSessions that is a function of the request', () => {
  for (const [name, option] of [
    ['only', { only: async () => false }],
    ['passive', { passive: async () => false }],
    ['csrf.exempt', { csrf: { exempt: async () => false } }],
  ] as const) {
    it(`answers at once: ${name} that returns a Promise, which would count as true, is a TypeError`, async () => {
      const options = { sessionStorage: new Shop().sessionStorage, cookie: true, ...option };
      const activation = Reflect.apply(activate, undefined, [options]);
      const error = await errorOf(() => {
        const request = {};
        if (activation.needsOpening(request)) return activation.open(request, new FakeExchange());
      }, TypeError);
      expect(error.message).to.equal(
        `activateSessions: option ${name}: expected a function that answers at once, got a Promise`,
      );
    });
  }
});
