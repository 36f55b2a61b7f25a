import { expect } from 'chai';
import { bench } from '../../support/sessions.js';

describe('SessionStorage.forClient and timeoutResolution', () => {
  it('is the token it came from, verbatim, until the resolution has passed', () => {
    const { clock, storage } = bench({ timeToLive: 60_000 });
    const sid = storage.create({ a: 1 }).forClient();
    clock.advance(5999);
    expect(storage.get(sid).forClient()).to.equal(sid);
    clock.advance(1);
    expect(storage.get(sid).forClient()).not.to.equal(sid);
  });

  it('is verbatim also when the data was read', () => {
    const { clock, storage } = bench();
    const sid = storage
      .create({ a: { b: 1 } })
      .setUser('u1', { name: 'Ada' })
      .forClient();
    clock.advance(1000);
    const session = storage.get(sid);
    expect([session.sessionData, session.userData]).to.deep.equal([{ a: { b: 1 } }, { name: 'Ada' }]);
    expect(session.forClient()).to.equal(sid);
  });

  it('is new as soon as something changed', () => {
    const { storage } = bench();
    const sid = storage.create({ a: 1 }).forClient();
    const session = storage.get(sid);
    session.sessionData['a'] = 2;
    expect(storage.get(session.forClient()).sessionData).to.deep.equal({ a: 2 });
  });

  it('is verbatim however old when it was only looked at', () => {
    const { clock, storage } = bench();
    const sid = storage.create().forClient();
    clock.advance(3_600_000);
    expect(storage.get(sid, { touch: false }).forClient()).to.equal(sid);
  });

  it('is new each millisecond with a resolution of 0, and verbatim within one', () => {
    const { clock, storage } = bench({ timeoutResolution: 0 });
    const sid = storage.create().forClient();
    expect(storage.get(sid).forClient()).to.equal(sid);
    clock.advance(1);
    expect(storage.get(sid).forClient()).not.to.equal(sid);
  });

  it('is new in time for a session whose own idle bound is short', () => {
    const { clock, storage } = bench({ timeToLive: 0, idleTimeout: 6_000_000 });
    const sid = storage.create().setLifetime({ idleTimeout: 10_000 }).forClient();
    clock.advance(999);
    expect(storage.get(sid).forClient()).to.equal(sid);
    clock.advance(1);
    expect(storage.get(sid).forClient()).not.to.equal(sid);
  });
});
