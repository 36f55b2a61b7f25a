import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../../support/json-data.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

const CLEAN = Object.getOwnPropertyNames(Object.prototype).sort();

describe('Data in a server-side session', () => {
  afterEach('Object.prototype is as it was', () => {
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(CLEAN);
  });

  const { storage } = serverBench();

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

  it('are in the list of their user, whatever the uid', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText.filter((uid) => uid.length > 0 && uid.isWellFormed() && !uid.includes('\0')),
        async (uid) => {
          const { id } = await storage.get(await heldSid(storage, {}, uid));
          expect((await storage.listOfUser(uid)).map((one) => one.id)).to.include(id);
          expect((await storage.listOfUser(uid)).every((one) => one.uid === uid)).to.equal(true);
        },
      ),
    );
  });
});
