import { expect } from 'chai';
import fc from 'fast-check';
import type { Session } from '../../../src/index.js';
import { anyText, canonical, jsonObject, nested } from '../../support/json-data.js';
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

describe('create -> forClient -> get', () => {
  const { storage } = bench();

  it('gives back any JSON session data unchanged, in every code unit and at every level', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const sid = storage.create(data).forClient();
        for (let i = 0; i < 3; i += 1) {
          expect(canonical(storage.get(sid).sessionData)).to.equal(canonical(data));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives back any JSON user data and info unchanged', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (userData, info) => {
        const session = storage.create().setUser('u1', userData);
        session.info = info;
        const got = storage.get(session.forClient());
        expect(canonical([got.userData, got.info])).to.equal(canonical([userData, info]));
      }),
    );
  });

  it('gives back every UTF-16 code unit, as a key and as a value', () => {
    for (let start = 0; start < 0x10000; start += 0x100) {
      const units = Array.from({ length: 0x100 }, (_, index) => String.fromCharCode(start + index));
      const data = Object.fromEntries(units.map((unit) => [`k${unit}`, unit]));
      expect(canonical(storage.get(storage.create(data).forClient()).sessionData)).to.equal(canonical(data));
    }
  });

  it('gives back data nested 1,000 levels deep', () => {
    const data = nested(1000);
    expect(canonical(storage.get(storage.create(data).forClient()).sessionData)).to.equal(canonical(data));
  });

  it('keeps keys that objects already have a meaning for, and pollutes nothing', () => {
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[{"__proto__":{"polluted":1}}],"toJSON":1}';
    const data: Record<string, unknown> = JSON.parse(text);
    const session = storage.get(storage.create(data).setUser('u1', JSON.parse(text)).forClient());
    expect(JSON.stringify([session.sessionData, session.userData])).to.equal(`[${text},${text}]`);
    expect(Object.getPrototypeOf(session.sessionData)).to.equal(Object.prototype);
    session.sessionData['b'] = 1;
    const again = storage.get(session.forClient());
    expect(JSON.stringify(again.sessionData)).to.equal(`${text.slice(0, -1)},"b":1}`);
  });

  it('reads them the same way from a foreign token', () => {
    const payload = `{"jti":"x","created":1,"luat":1,"lmat":1,"uid":"u1","sessionData":{"__proto__":{"polluted":1}},"userData":{"__proto__":{"polluted":1}},"info":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}`;
    const session = bench({ timeToLive: 0 }).storage.get(tokenOf(JSON.parse(payload)));
    for (const data of [session.sessionData, session.userData, session.info]) {
      expect(JSON.stringify(data)).to.equal('{"__proto__":{"polluted":1}}');
      expect(Reflect.get(data, 'polluted')).to.equal(undefined);
    }
  });

  it('gives back any uid that may name a user', () => {
    fc.assert(
      fc.property(
        anyText.filter((uid) => uid.length > 0 && uid.isWellFormed() && !uid.includes('\0')),
        (uid) => {
          expect(storage.get(storage.create().setUser(uid).forClient()).uid).to.equal(uid);
        },
      ),
    );
  });

  it('is stable: what is issued anew from what was got says the same', () => {
    fc.assert(
      fc.property(jsonObject, (data) => {
        const first = storage.get(storage.create(data).forClient());
        const second = storage.get(first.save().forClient());
        expect(said(second)).to.equal(said(first));
      }),
    );
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

  it('holds for two sessions from one token at once, each with its own changes', () => {
    const { storage } = bench();
    const sid = storage.create({ list: [] }).forClient();
    const [a, b] = [storage.get(sid), storage.get(sid)];
    a.sessionData['list'] = ['a'];
    expect(b.sessionData).to.deep.equal({ list: [] });
    expect([a.isModified, b.isModified]).to.deep.equal([true, false]);
  });
});
