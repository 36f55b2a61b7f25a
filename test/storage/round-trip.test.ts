import { expect } from 'chai';
import fc from 'fast-check';
import { SessionDataInvalid, type SessionModel } from '../../src/index.js';
import { anyText, canonical, jsonObject, nested } from '../support/json-data.js';
import { kits } from '../support/kits.js';
import { errorOf } from '../support/outcomes.js';
import { heldSid } from '../support/server-sessions.js';
import { issuedBy } from '../support/sessions.js';

const CLEAN = Object.getOwnPropertyNames(Object.prototype).sort();

/** A value that JSON cannot carry, and the path at which it is in the data. */
const ODD: readonly (readonly [value: unknown, path: string])[] = [
  [Number.NaN, 'sessionData.a'],
  [Infinity, 'sessionData.a'],
  [1n, 'sessionData.a'],
  [new Date(0), 'sessionData.a'],
  [new Map(), 'sessionData.a'],
  [new Set(), 'sessionData.a'],
  [Buffer.from('x'), 'sessionData.a'],
  [/x/, 'sessionData.a'],
  [Symbol('x'), 'sessionData.a'],
  [() => 1, 'sessionData.a'],
  [[undefined], 'sessionData.a[0]'],
  [[1, { b: [Number.NaN] }], 'sessionData.a[1].b[0]'],
];

/** All that the application kept in a session, in a form that can be compared. */
function kept({ sessionData, userData, info }: SessionModel): string {
  return canonical([sessionData, userData, info]);
}

for (const [where, kit] of kits) {
  describe(`Data in a session ${where}`, () => {
    afterEach('Object.prototype is as it was', () => {
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(CLEAN);
      expect(Reflect.get({}, 'polluted')).to.equal(undefined);
    });

    const { storage } = kit();

    it('come back as they went, in every code unit and at every level, each time, and once more when saved anew (row 56)', async () => {
      await fc.assert(
        fc.asyncProperty(jsonObject, jsonObject, jsonObject, async (data, userData, info) => {
          const made = await storage.create(data);
          made.setUser('u1', userData).info = info;
          const sid = await issuedBy(storage.commit(made));
          const expected = canonical([data, userData, info]);
          for (let count = 0; count < 3; count += 1) expect(kept(await storage.get(sid))).to.equal(expected);
          const got = await storage.get(sid);
          expect(got.isModified).to.equal(false);
          await got.save();
          await storage.commit(got);
          const again = await storage.get(got.forClient());
          expect(kept(again)).to.equal(expected);
          for (const name of ['id', 'lineage', 'uid', 'created', 'lastUpdate'] as const) {
            expect(again[name], name).to.equal(got[name]);
          }
        }),
        { numRuns: 200 },
      );
    });

    it('come back in every UTF-16 code unit, as key and as value (row 56)', async () => {
      for (let start = 0; start < 0x10000; start += 0x100) {
        const units = Array.from({ length: 0x100 }, (_, index) => String.fromCharCode(start + index));
        const data = Object.fromEntries(units.map((unit) => [`k${unit}`, unit]));
        expect(canonical((await storage.get(await heldSid(storage, data))).sessionData)).to.equal(canonical(data));
      }
    });

    it('come back from 1,000 levels, and are refused beyond', async () => {
      const data = nested(1_000);
      for (const all of [
        [data, {}, {}],
        [{}, data, {}],
        [{}, {}, data],
      ] as const) {
        const made = await storage.create(all[0]);
        made.setUser('u1', all[1]).info = all[2];
        const sid = await issuedBy(storage.commit(made));
        expect(kept(await storage.get(sid))).to.equal(canonical(all));
      }
      const error = await errorOf(async () => await storage.create(nested(1_001)));
      expect(error).to.be.instanceOf(SessionDataInvalid).and.have.property('code', 'ERR_SESSION_DATA_INVALID');
    });

    it('keep keys that objects already have a meaning for, and pollute nothing (row 55)', async () => {
      const text =
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[{"__proto__":{"polluted":1}}],"toJSON":1,"hasOwnProperty":0}';
      const made = await storage.create(JSON.parse(text));
      made.setUser('u1', JSON.parse(text)).info = JSON.parse(text);
      const session = await storage.get(await issuedBy(storage.commit(made)));
      const found = [session.sessionData, session.userData, session.info];
      expect(JSON.stringify(found)).to.equal(`[${text},${text},${text}]`);
      expect(Object.getPrototypeOf(session.sessionData)).to.equal(Object.prototype);
      session.sessionData['more'] = 1;
      await storage.commit(session);
      const again = await storage.get(session.forClient());
      expect(JSON.stringify(again.sessionData)).to.equal(`${text.slice(0, -1)},"more":1}`);
    });

    it('that JSON would change are refused with their path (row 56)', async () => {
      for (const [value, path] of ODD) {
        const error = await errorOf(async () => await storage.create({ a: value }));
        expect(error).to.be.instanceOf(SessionDataInvalid).and.have.property('path', path);
        const session = await storage.create({});
        session.sessionData['a'] = value;
        expect(await errorOf(async () => await storage.commit(session))).to.have.property('path', path);
      }
    });

    it('lose what JSON has no word for: undefined, and the sign of zero', async () => {
      const session = await storage.get(await heldSid(storage, { a: undefined, b: -0, c: { d: undefined } }));
      expect(session.sessionData).to.deep.equal({ b: 0, c: {} });
      expect(Object.is(session.sessionData['b'], 0)).to.equal(true);
    });

    it('belong to any uid that may name a user', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyText.filter((uid) => uid.length > 0 && uid.isWellFormed() && !uid.includes('\0')),
          async (uid) => {
            expect((await storage.get(await heldSid(storage, {}, uid))).uid).to.equal(uid);
          },
        ),
      );
    });

    it('are not those that create was given, which the caller may change', async () => {
      const given = { list: [1] };
      const session = await storage.create(given);
      given.list.push(2);
      expect(session.sessionData).to.deep.equal({ list: [1] });
      expect((await storage.get(session.forClient())).sessionData).to.deep.equal({ list: [1] });
    });

    it('are one copy for each session that is opened by a sid', async () => {
      const sid = await heldSid(storage, { list: [] });
      const [one, other] = [await storage.get(sid), await storage.get(sid)];
      one.sessionData['list'] = ['a'];
      expect(other.sessionData).to.deep.equal({ list: [] });
      expect([one.isModified, other.isModified]).to.deep.equal([true, false]);
    });
  });
}
