import { expect } from 'chai';
import type { ServerSessionStorage } from '../../src/index.js';
import { SessionNotFound } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { heldSid, serverBench } from '../support/server-sessions.js';
import { callUntyped } from '../support/sessions.js';

describe('A session of a store that was not awaited', () => {
  let storage: ServerSessionStorage;
  let sid: string;

  beforeEach(async () => {
    storage = serverBench().storage;
    sid = await heldSid(storage, {}, 'u1');
  });

  for (const name of ['setUser', 'save', 'forClient', 'revoke', 'regenerate']) {
    it(`says so when ${name} is called`, async () => {
      for (const pending of [storage.create(), storage.get(sid)]) {
        expect(() => callUntyped(pending, name)).to.throw(TypeError, `${name}: this is a Promise of a session: await`);
        await pending;
      }
    });
  }

  for (const name of ['uid', 'sessionData', 'userData', 'id']) {
    it(`says so when ${name} is read or assigned`, async () => {
      const pending = storage.get(sid);
      expect(() => Reflect.get(pending, name)).to.throw(TypeError, `${name}: this is a Promise`);
      expect(() => Reflect.set(pending, name, {})).to.throw(TypeError, `${name}: this is a Promise`);
      await pending;
    });
  }

  it('is a Promise in all other respects', async () => {
    expect(storage.create()).to.be.instanceOf(Promise);
    expect((await storage.get(sid).then((session) => session)).uid).to.equal('u1');
    const [first] = await Promise.all([storage.get(sid), storage.create()]);
    expect(first.uid).to.equal('u1');
    let isOver = false;
    await storage.get(sid).finally(() => {
      isOver = true;
    });
    expect(isOver).to.equal(true);
    expect(await storage.get('nothing').catch((error: unknown) => error)).to.be.instanceOf(SessionNotFound);
  });

  it('is refused where a session is expected, naming await', async () => {
    const calls: readonly [string, unknown[]][] = [
      ['commit', []],
      ['check', []],
      ['update', [() => undefined]],
      ['revoke', []],
      ['delete', []],
    ];
    for (const [method, rest] of calls) {
      const error = await errorOf(() => callUntyped(storage, method, storage.get(sid), ...rest), TypeError);
      expect(error.message, method).to.include('await');
    }
    const inOptions = [
      () => callUntyped(storage, 'listOfUser', 'u1', { current: storage.get(sid) }),
      () => callUntyped(storage, 'revoke', { uid: 'u1', except: storage.get(sid) }),
    ];
    for (const call of inOptions) expect((await errorOf(call, TypeError)).message).to.include('await');
    expect((await storage.get(sid)).uid).to.equal('u1');
  });
});
