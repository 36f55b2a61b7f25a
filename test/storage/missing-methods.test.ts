import { expect } from 'chai';
import { serverBench } from '../support/server-sessions.js';
import { bench, callUntyped } from '../support/sessions.js';

describe('A method that a storage does not have', () => {
  for (const [kind, storage, cures] of [
    [
      'SessionStorage',
      bench().storage,
      {
        on: 'storage.events.on',
        set: 'storage.create()',
        destroy: 'storage.revoke({ sid })',
        update: 'use a ServerSessionStorage',
        sweep: 'tokens leave nothing behind',
      },
    ],
    [
      'ServerSessionStorage',
      serverBench().storage,
      { on: 'storage.events.on', set: 'storage.create()', destroy: 'storage.revoke({ sid })' },
    ],
  ] as const) {
    for (const [method, cure] of Object.entries(cures)) {
      it(`says what to call instead of ${kind}.${method}`, () => {
        expect(() => callUntyped(storage, method, 'u1'))
          .to.throw(TypeError, `storage.${method} is not available`)
          .with.property('message')
          .that.includes(cure);
        expect(Object.keys(storage)).not.to.include(method);
      });
    }
  }
});
