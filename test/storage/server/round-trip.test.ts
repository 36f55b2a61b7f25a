import { expect } from 'chai';
import fc from 'fast-check';
import { SessionDataInvalid } from '../../../src/index.js';
import { anyText, canonical, jsonObject } from '../../support/json-data.js';
import { errorOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { issuedBy } from '../../support/sessions.js';

const CLEAN = Object.getOwnPropertyNames(Object.prototype).sort();

describe('Data in a server-side session', () => {
  afterEach('Object.prototype is as it was', () => {
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(CLEAN);
  });

  const { storage } = serverBench();

  it('come back as they went, in every code unit and at every level (row 56)', async () => {
    await fc.assert(
      fc.asyncProperty(jsonObject, jsonObject, jsonObject, async (data, userData, info) => {
        const made = await storage.create(data);
        made.setUser('u1', userData).info = info;
        const got = await storage.get(await issuedBy(storage.commit(made)));
        expect(canonical([got.sessionData, got.userData, got.info])).to.equal(canonical([data, userData, info]));
        expect(got.isModified).to.equal(false);
      }),
      { numRuns: 200 },
    );
  });

  it('come back in every UTF-16 code unit, as key and as value (row 56)', async () => {
    for (let start = 0; start < 0x10000; start += 0x400) {
      const units = Array.from({ length: 0x400 }, (_, index) => String.fromCharCode(start + index));
      const data = Object.fromEntries(units.map((unit) => [`k${unit}`, unit]));
      expect(canonical((await storage.get(await heldSid(storage, data))).sessionData)).to.equal(canonical(data));
    }
  });

  it('come back with every code point beyond those in a key, as serversession promises', async () => {
    const points: string[] = [];
    for (let point = 0x10000; point < 0x110000; point += 1) points.push(String.fromCodePoint(point));
    const data = { [points.join('')]: true };
    expect((await storage.get(await heldSid(storage, data))).sessionData).to.deep.equal(data);
  });

  it('may be a key of 1 MiB and a value of 100 MiB, as serversession promises', async function () {
    this.timeout(30_000);
    const value = 'x'.repeat(100 * 2 ** 20);
    const session = await storage.get(await heldSid(storage, { value, ['k'.repeat(2 ** 20)]: 1 }));
    expect(session.sessionData['value'] === value).to.equal(true);
    expect(Object.keys(session.sessionData).map(({ length }) => length)).to.deep.equal([5, 2 ** 20]);
    await storage.revoke(session);
  });

  it('may be a hundred thousand keys, of which one is changed like any other', async function () {
    this.timeout(30_000);
    const many: Record<string, number> = {};
    for (let n = 0; n < 100_000; n += 1) many[`k${n}`] = n;
    const sid = await heldSid(storage, many);
    const session = await storage.get(sid);
    session.sessionData['k99999'] = 'changed';
    await storage.commit(session);
    const stored = (await storage.get(sid)).sessionData;
    expect([Object.keys(stored).length, stored['k99998'], stored['k99999']]).to.deep.equal([
      100_000,
      99_998,
      'changed',
    ]);
  });

  it('keep keys that objects already have a meaning for, and pollute nothing (row 55)', async () => {
    const text =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toJSON":1,"hasOwnProperty":0}';
    const made = await storage.create(JSON.parse(text));
    made.setUser('u1', JSON.parse(text)).info = JSON.parse(text);
    const session = await storage.get(await issuedBy(storage.commit(made)));
    expect(JSON.stringify([session.sessionData, session.userData, session.info])).to.equal(`[${text},${text},${text}]`);
    expect(Object.getPrototypeOf(session.sessionData)).to.equal(Object.prototype);
    session.sessionData['more'] = 1;
    await storage.commit(session);
    const again = await storage.get(session.forClient());
    expect(JSON.stringify(again.sessionData)).to.equal(`${text.slice(0, -1)},"more":1}`);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('that JSON would change are refused with their path, as on every storage (row 56)', async () => {
    const odd: readonly [unknown, string][] = [
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
    for (const [value, path] of odd) {
      expect(await errorOf(() => storage.create({ a: value }))).to.be.instanceOf(SessionDataInvalid);
      const session = await storage.create({});
      session.sessionData['a'] = value;
      expect(await errorOf(() => session.save())).to.have.property('path', path);
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
          expect((await storage.listOfUser(uid)).every((one) => one.uid === uid)).to.equal(true);
        },
      ),
    );
  });
});
