import { expect } from 'chai';
import { SessionEnded } from '../../src/index.js';
import { bench, callUntyped } from '../support/sessions.js';

const DAY = 24 * 60 * 60 * 1000;

describe('Session.setLifetime', () => {
  it('puts bounds of its own in place of the storage’s', () => {
    const { storage } = bench({ idleTimeout: DAY, absoluteTimeout: 30 * DAY });
    const session = storage.create().setUser('u1');
    expect(session.getTTL()).to.equal(DAY);
    expect(session.setLifetime({ idleTimeout: 7 * DAY }).getTTL()).to.equal(7 * DAY);
    expect(session.setLifetime({ idleTimeout: 7 * DAY, absoluteTimeout: DAY }).getTTL()).to.equal(DAY);
    expect(session.setLifetime({ idleTimeout: null }).getTTL()).to.equal(30 * DAY);
    expect(session.setLifetime({}).getTTL()).to.equal(DAY);
  });

  it('refuses anything but an object, and further arguments', () => {
    const session = bench().storage.create();
    for (const life of [5, true, [], null, undefined, 'forever', new Map()]) {
      expect(() => callUntyped(session, 'setLifetime', life)).to.throw(
        TypeError,
        'setLifetime: expected { idleTimeout',
      );
    }
    expect(() => callUntyped(session, 'setLifetime', {}, () => undefined)).to.throw(TypeError, 'unexpected argument');
    expect(session.isModified).to.equal(false);
  });

  it('takes an explicit undefined for the storage’s bound', () => {
    const session = bench({ timeToLive: 1000 }).storage.create();
    callUntyped(session, 'setLifetime', { idleTimeout: undefined, persistent: true });
    expect(session.getTTL()).to.equal(1000);
  });

  it('holds for get through a token, at the very millisecond', () => {
    const { clock, storage } = bench({ timeToLive: DAY });
    const sid = storage.create().setLifetime({ absoluteTimeout: 2000 }).forClient();
    clock.advance(1999);
    expect(storage.get(sid).getTTL()).to.equal(1);
    clock.advance(1);
    expect(() => storage.get(sid)).to.throw('absolute');
  });

  it('shortens a life that came in a token', () => {
    const { storage } = bench({ timeToLive: DAY });
    const session = storage.get(storage.create().setUser('u1').forClient());
    expect(session.setLifetime({ idleTimeout: 1000 }).getTTL()).to.equal(1000);
    expect(session.isModified).to.equal(true);
  });

  it('does not lengthen a life that came in a token, naming setUser', () => {
    const { storage } = bench({ timeToLive: DAY });
    const session = storage.get(storage.create().setUser('u1').forClient());
    expect(() => session.setLifetime({ idleTimeout: DAY + 1 })).to.throw(TypeError, 'setUser');
    expect(session.getTTL()).to.equal(DAY);
  });

  it('lengthens it again up to what it came in with, and no further', () => {
    const { storage } = bench({ timeToLive: DAY });
    const session = storage.get(
      storage
        .create()
        .setLifetime({ idleTimeout: 2 * DAY })
        .forClient(),
    );
    session.setLifetime({ idleTimeout: 1000 }).setLifetime({ idleTimeout: 2 * DAY });
    expect(session.getTTL()).to.equal(2 * DAY);
    expect(() => session.setLifetime({ idleTimeout: 2 * DAY + 1 })).to.throw(TypeError);
  });

  it('lengthens it along with another user', () => {
    const { storage } = bench({ timeToLive: DAY });
    const session = storage.get(storage.create().forClient()).setUser('u1');
    expect(session.setLifetime({ idleTimeout: 30 * DAY }).getTTL()).to.equal(30 * DAY);
    expect(storage.get(session.forClient()).getTTL()).to.equal(30 * DAY);
  });

  it('does not lengthen it with the same user, whose lineage goes on', () => {
    const { storage } = bench({ timeToLive: DAY });
    const session = storage.get(storage.create().setUser('u1').forClient()).setUser('u1');
    expect(() => session.setLifetime({ idleTimeout: 30 * DAY })).to.throw(TypeError);
  });

  it('takes 1 ms and 400 days, and refuses what lies beyond', () => {
    const session = bench().storage.create();
    expect(session.setLifetime({ idleTimeout: 1 }).getTTL()).to.equal(1);
    expect(session.setLifetime({ idleTimeout: 400 * DAY }).getTTL()).to.equal(400 * DAY);
    for (const wrong of [0, 400 * DAY + 1]) {
      expect(() => session.setLifetime({ idleTimeout: wrong }), String(wrong)).to.throw(TypeError, 'idleTimeout');
    }
  });

  for (const name of ['idleTimeout', 'absoluteTimeout']) {
    it(`refuses anything but whole ms or null for ${name}, and changes nothing`, () => {
      for (const wrong of [-1, 0.5, Number.NaN, Infinity, '60', true, [], {}, 1n]) {
        const session = bench({ timeToLive: 1000 }).storage.create();
        expect(() => callUntyped(session, 'setLifetime', { [name]: wrong })).to.throw(TypeError, name);
        expect(session.getTTL()).to.equal(1000);
      }
    });
  }

  it('refuses a persistent that is no boolean, and an unknown name', () => {
    const session = bench().storage.create();
    expect(() => callUntyped(session, 'setLifetime', { persistent: 'yes' })).to.throw(TypeError, 'persistent');
    expect(() => callUntyped(session, 'setLifetime', { idle: 5 })).to.throw(TypeError, 'idle');
  });

  it('says at commit whether the client keeps the credential', async () => {
    const { storage } = bench();
    const persistent = await storage.commit(storage.create().setLifetime({ persistent: true }));
    const passing = await storage.commit(storage.create().setLifetime({ persistent: false }));
    const unsaid = await storage.commit(storage.create());
    expect([persistent, passing, unsaid].map((result) => 'persistent' in result && result.persistent)).to.deep.equal([
      true,
      false,
      undefined,
    ]);
  });

  it('throws SessionEnded after revoke', () => {
    expect(() => bench().storage.create().revoke().setLifetime({})).to.throw(SessionEnded);
  });

  it('refuses a life without end where the storage’s bounds give one', () => {
    const session = bench({ timeToLive: DAY }).storage.create().setUser('u1');
    expect(() => session.setLifetime({ idleTimeout: null })).to.throw(TypeError, 'without end');
    expect(() => session.setLifetime({ idleTimeout: null, absoluteTimeout: null })).to.throw(TypeError, 'without end');
    expect(session.setLifetime({ idleTimeout: null, absoluteTimeout: 9 * DAY }).getTTL()).to.equal(9 * DAY);
  });

  it('takes one where the storage itself sets no end', () => {
    const session = bench({ timeToLive: 0 }).storage.create();
    expect(session.setLifetime({ idleTimeout: null, absoluteTimeout: null }).getTTL()).to.equal(Infinity);
  });

  it('cannot outlive the bound on lastUpdate, which is the storage’s alone', () => {
    const session = bench({ timeToLive: DAY, ttlType: 'lastUpdate' }).storage.create();
    expect(session.setLifetime({ idleTimeout: null, absoluteTimeout: 9 * DAY }).getTTL()).to.equal(DAY);
  });
});
