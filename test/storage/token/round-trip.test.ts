import { expect } from 'chai';
import fc from 'fast-check';
import type { Session } from '../../../src/index.js';
import { canonical, jsonObject } from '../../support/json-data.js';
import { bench, tokenOf } from '../../support/sessions.js';
import { claims } from '../../support/token-fixtures.js';

afterEach('Object.prototype is as it was', () => {
  expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  expect(Object.keys(Object.getOwnPropertyDescriptors(Object.prototype)).sort()).to.deep.equal(CLEAN);
});

const CLEAN = Object.keys(Object.getOwnPropertyDescriptors(Object.prototype)).sort();

/** What a token says, in a form that can be compared. */
function said({ id, lineage, uid, created, lastUpdate, sessionData, userData, info }: Session): string {
  return canonical({ id, lineage, uid: uid ?? null, created, lastUpdate, sessionData, userData, info });
}

describe('A token of somebody else', () => {
  it('with keys that objects already have a meaning for is read as it is, and pollutes nothing', () => {
    const payload = `{"jti":"x","created":1,"luat":1,"lmat":1,"uid":"u1","sessionData":{"__proto__":{"polluted":1}},"userData":{"__proto__":{"polluted":1}},"info":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}`;
    const session = bench({ timeToLive: 0 }).storage.get(tokenOf(JSON.parse(payload)));
    for (const data of [session.sessionData, session.userData, session.info]) {
      expect(JSON.stringify(data)).to.equal('{"__proto__":{"polluted":1}}');
      expect(Reflect.get(data, 'polluted')).to.equal(undefined);
    }
  });
});

describe('What get gives belongs to the caller', () => {
  /** Does to an object what an application might, at every level. */
  function spoil(value: unknown): void {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
    for (const inner of Object.values(value)) spoil(inner);
    for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
    Object.assign(value, { spoiled: true });
    if (Array.isArray(value)) value.push('spoiled');
  }

  for (const cacheSize of [0, 10_000]) {
    it(`changing it never shows in another get, with ${cacheSize} tokens remembered`, () => {
      const { storage } = bench({ cacheSize });
      fc.assert(
        fc.property(jsonObject, jsonObject, (data, userData) => {
          const made = storage.create(data).setUser('u1', userData);
          made.info = data;
          const sid = made.forClient();
          const before = said(storage.get(sid));
          for (let i = 0; i < 3; i += 1) storage.get(sid);
          for (let i = 0; i < 3; i += 1) {
            const session = storage.get(sid);
            spoil(session.sessionData);
            spoil(session.userData);
            spoil(session.info);
            session.setUser('u2').setLifetime({ idleTimeout: 5 }).rotate().revoke();
            expect(said(storage.get(sid))).to.equal(before);
          }
        }),
      );
    });
  }

  it('changing what create or set was given never shows in the session', () => {
    const { storage } = bench();
    fc.assert(
      fc.property(jsonObject, (data) => {
        const expected = canonical(data);
        const session = storage.create(data).setUser('u1', data);
        session.set('sessionData', data).info = data;
        spoil(data);
        expect(canonical([session.sessionData, session.userData, session.info])).to.equal(
          `[${expected},${expected},${expected}]`,
        );
      }),
    );
  });

  it('holds for defaults of token claims, which nobody wrote', () => {
    const { storage } = bench();
    const sid = tokenOf(claims({ uid: 'u1' }));
    for (let i = 0; i < 4; i += 1) {
      const session = storage.get(sid);
      expect([session.sessionData, session.userData]).to.deep.equal([{}, {}]);
      session.sessionData['a'] = 1;
      session.userData['a'] = 1;
    }
  });
});
