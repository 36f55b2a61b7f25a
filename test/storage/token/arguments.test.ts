import { expect } from 'chai';
import { errorOf } from '../../support/outcomes.js';
import { callUntyped, revokingBench } from '../../support/sessions.js';

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
  it('are strict: what is misspelt or of a wrong type is a TypeError, and nothing happened', () => {
    const { storage } = revokingBench();
    const session = storage.create().setUser('u1');
    const { id, lineage } = session;
    for (const wrong of [
      () => callUntyped(session, 'setUser', { _id: 'u1' }, { keeep: ['cart'] }),
      () => callUntyped(session, 'setUser', undefined, { name: 'Ada' }),
      () => callUntyped(storage.events, 'on', 'created', undefined),
    ]) {
      expect(errorOf(wrong), String(wrong)).to.be.instanceOf(TypeError);
    }
    expect(session).to.include({ id, lineage, uid: 'u1' });
  });

  it('name the properties of a target that ends nothing, and never their values', async () => {
    const { storage } = revokingBench();
    const refused = await errorOf(async () => callUntyped(storage, 'revoke', { user: 'secret', except: 5 }));
    expect(refused).to.be.instanceOf(TypeError).and.have.property('message');
    expect(String(refused)).to.match(/, got \{ user: a string, except: a number \}$/);
  });

  it('name the guarantees that there are, if another one is to be waited for', async () => {
    const { storage } = revokingBench();
    const refused = await errorOf(async () => storage.revoke({ uid: 'u1' }, { wait: 'log' }));
    expect(refused).to.be.instanceOf(TypeError);
    expect(String(refused)).to.match(/option wait: expected process, as this revocation list can guarantee no more$/);
  });
});
