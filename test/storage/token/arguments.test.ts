import { expect } from 'chai';
import type { SessionStorage } from '../../../src/index.js';
import { errorOf } from '../../support/outcomes.js';
import { revokingBench } from '../../support/sessions.js';

function signedIn(storage: SessionStorage): string {
  return storage.create().setUser('u1').forClient();
}

describe('Session.update', () => {
  it('changes nothing when the change throws or is asynchronous', async () => {
    const { storage } = revokingBench();
    const session = storage.create({ n: 1 });
    const half = (data: Record<string, unknown>): void => {
      data['n'] = 2;
      throw new Error('halfway');
    };
    expect(await errorOf(() => session.update(half))).to.have.property('message', 'halfway');
    expect(session.sessionData).to.deep.equal({ n: 1 });
    await errorOf(() => Reflect.apply(session.update, session, [async (data: Record<string, unknown>) => half(data)]));
    expect(session.sessionData).to.deep.equal({ n: 1 });
  });
});

describe('Options of methods', () => {
  it('are strict: what is misspelt or of a wrong type is a TypeError, and nothing happened', async () => {
    const { storage } = revokingBench();
    const sid = signedIn(storage);
    const session = storage.get(sid);
    const { id, lineage } = session;
    const call =
      (name: 'get' | 'revoke' | 'check' | 'commit', ...given: unknown[]) =>
      () =>
        Reflect.apply(Reflect.get(storage, name), storage, given);
    const wrong = [
      call('revoke', { uid: 'u1', excpet: session }),
      call('revoke', { id, uid: 'u1', lineage: undefined }),
      call('revoke', { id: 5, uid: 'u1' }),
      call('revoke', { id }),
      call('revoke', { sid, uid: 'u1' }),
      call('revoke', { uid: 'u1' }, { wiat: 'log' }),
      call('revoke', { uid: 'u1' }, { reason: 5 }),
      call('get', sid, { touch: 'no' }),
      call('get', sid, { tuch: false }),
      call('get', sid, null),
      () => Reflect.apply(session.setUser, session, [{ _id: 'u1' }, { keeep: ['cart'] }]),
      () => Reflect.apply(session.setUser, session, [undefined, { name: 'Ada' }]),
      () => Reflect.apply(storage.events.on, storage.events, ['created', undefined]),
    ];
    for (const one of wrong) expect(await errorOf(one), String(one)).to.be.instanceOf(TypeError);
    expect(storage.get(sid)).to.include({ id, lineage, uid: 'u1' });
  });
});
