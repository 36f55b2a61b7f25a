import { expect } from 'chai';
import { SessionEnded, type SessionStorage } from '../../../src/index.js';
import { failureOf, issuedBy, revokingBench } from '../../support/sessions.js';
import { outcome } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function signedIn(storage: SessionStorage): string {
  return storage.create().setUser('u1').forClient();
}

describe('A life of its own, and what ends with it', () => {
  it('leaves no longer-lived copy behind: shortened and then signed out, none of its tokens comes back', async () => {
    const { clock, storage } = revokingBench();
    const long = signedIn(storage);
    const short = await issuedBy(storage.commit(storage.get(long).setLifetime({ idleTimeout: HOUR })));
    clock.time += 60_000;
    await storage.commit(storage.get(short).revoke());
    for (const later of [0, HOUR, 2 * HOUR, 3 * DAY]) {
      clock.time += later;
      expect(outcome(storage, long), `${later} ms later`).to.be.oneOf(['superseded', 'revoked']);
    }
  });

  it('gives the token a new id, so that the one of the other life is over after the grace', async () => {
    const { clock, storage } = revokingBench();
    const long = signedIn(storage);
    await storage.commit(storage.get(long).setLifetime({ idleTimeout: HOUR }));
    clock.time += 10_000;
    expect(outcome(storage, long)).to.equal('superseded');
  });

  it('taken back from a year to a week, lets no token of the year live on after signing out', async () => {
    const { clock, storage } = revokingBench();
    const remembered = storage
      .create()
      .setUser('u1')
      .setLifetime({ idleTimeout: 365 * DAY })
      .forClient();
    const usual = await issuedBy(storage.commit(storage.get(remembered).setLifetime({})));
    clock.time += 60_000;
    await storage.commit(storage.get(usual).setUser(null));
    clock.time += 30 * DAY;
    expect(outcome(storage, remembered)).to.equal('superseded');
  });

  it('is not inherited by the next user, nor by nobody', () => {
    for (const next of [{ _id: 'u2' }, null]) {
      const { storage } = revokingBench();
      const session = storage
        .create()
        .setUser('u1')
        .setLifetime({ idleTimeout: 30 * DAY, persistent: true });
      session.setUser(next);
      expect(session.getTTL()).to.equal(7 * DAY);
    }
  });

  it('can be made longer by a user who signs in again, under a new lineage', async () => {
    const { clock, storage } = revokingBench();
    const before = signedIn(storage);
    clock.time += 1000;
    const session = storage
      .get(before)
      .setUser('u1')
      .setLifetime({ idleTimeout: 30 * DAY });
    expect(session.lineage).to.not.equal(storage.get(before).lineage);
    const after = await issuedBy(storage.commit(session));
    expect(storage.get(after).getTTL()).to.equal(30 * DAY);
    expect(outcome(storage, before)).to.equal('superseded');
  });
});

describe('SessionStorage.revoke({ id, uid })', () => {
  it('ends the token of that id after a rotation too, and counts nothing, for it cannot know', async () => {
    const { storage } = revokingBench();
    const session = storage.get(signedIn(storage)).rotate();
    const sid = await issuedBy(storage.commit(session));
    const result = await storage.revoke({ id: session.id, uid: 'u1' });
    expect(result).to.deep.equal({ guarantee: 'process' });
    expect(outcome(storage, sid)).to.equal('revoked');
  });
});

describe("SessionStorage.revoke('everyone')", () => {
  it('ends what signed in within the millisecond after a revocation of one user, too', async () => {
    const { storage } = revokingBench();
    await storage.revoke({ uid: 'u1' });
    const sid = storage.create().setUser('u1').forClient();
    await storage.revoke('everyone');
    expect(outcome(storage, sid)).to.equal('revoked');
  });
});

describe('A revoked session', () => {
  it('stays ended when the clock steps back', async () => {
    const { clock, storage } = revokingBench();
    const sid = signedIn(storage);
    clock.time += HOUR;
    await storage.revoke({ sid });
    clock.time -= HOUR / 2;
    expect(outcome(storage, sid)).to.equal('revoked');
  });
});

describe('Session.forClient, outside a commit', () => {
  it('gives no new token to a session that was rotated out or ended meanwhile', async () => {
    const { clock, storage } = revokingBench();
    const sid = signedIn(storage);
    const ended = storage.get(sid);
    await storage.commit(storage.get(sid).rotate());
    clock.time += 5000;
    expect(() => storage.get(sid).rotate().forClient()).to.throw(SessionEnded, 'superseded');
    await storage.revoke({ uid: 'u1' });
    expect(() => ended.rotate().forClient()).to.throw(SessionEnded);
  });
});

describe('SessionStorage.commit', () => {
  it('takes no session of another storage, which would be signed with a key of ours', () => {
    const [ours, theirs] = [revokingBench().storage, revokingBench().storage];
    expect(() => ours.commit(theirs.create({ n: 1 }))).to.throw(TypeError, 'of this storage');
  });

  it('takes nothing else either', async () => {
    const { storage } = revokingBench();
    for (const value of [undefined, null, {}, { id: 'a', lineage: 'a' }, 'sid']) {
      const error = await failureOf(() => Reflect.apply(storage.commit, storage, [value]));
      expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('commit takes a session');
    }
  });
});

describe('Session.update', () => {
  it('changes nothing when the change throws or is asynchronous', async () => {
    const { storage } = revokingBench();
    const session = storage.create({ n: 1 });
    const half = (data: Record<string, unknown>): void => {
      data['n'] = 2;
      throw new Error('halfway');
    };
    expect(await failureOf(() => session.update(half))).to.have.property('message', 'halfway');
    expect(session.sessionData).to.deep.equal({ n: 1 });
    await failureOf(() =>
      Reflect.apply(session.update, session, [async (data: Record<string, unknown>) => half(data)]),
    );
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
    for (const one of wrong) expect(await failureOf(one), String(one)).to.be.instanceOf(TypeError);
    expect(storage.get(sid)).to.include({ id, lineage, uid: 'u1' });
  });
});
