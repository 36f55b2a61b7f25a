import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { Codec } from '../../../src/token/codec.js';
import { Keyring } from '../../../src/token/keyring.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { forge, parts } from '../../support/forge.js';
import {
  bench,
  claimsOf,
  eventsOf,
  issuedBy,
  outcomeOf,
  refusalOf,
  revokingBench,
  SECRET,
} from '../../support/sessions.js';
import { claims, NOW, outcome, verdict } from '../../support/token-fixtures.js';

const DAY = 24 * 3_600_000;
const OLD_SECRET = 'sixty-four bytes that are known to all who read these tests: 000';

describe('A token that begins as our own do', () => {
  const secrets = [
    { kid: 'new', secret: SECRET },
    { kid: 'old', secret: OLD_SECRET },
  ];
  const header = { alg: 'HS512', typ: 'session+jwt', kid: 'new' };
  const signedBy = (secret: string, named: object = header): string =>
    forge({ as: 'HS512', key: Buffer.from(secret), header: named, payload: claims() });

  it('is taken by the key that it names alone, and not by another of the ring', () => {
    const codec = new Codec('HS512', new Keyring('HS512', secrets));
    expect(parts(codec.sign('{}')).header).to.deep.equal(header);
    expect(signedBy(SECRET).split('.')[0]).to.equal(codec.sign('{}').split('.')[0]);
    expect(verdict(codec, signedBy(SECRET))).to.equal('accepted');
    expect(verdict(codec, signedBy(OLD_SECRET))).to.equal('bad_signature');
    expect(verdict(codec, signedBy(OLD_SECRET, { ...header, kid: 'old' }))).to.equal('accepted');
    expect(verdict(codec, signedBy(SECRET, { ...header, kid: 'old' }))).to.equal('bad_signature');
  });

  it('opens no session when the second key signed it, after replaceKeys neither', () => {
    const { storage } = bench({ jwtSecret: secrets });
    expect(outcome(storage, signedBy(OLD_SECRET))).to.equal('bad_signature');
    const late = bench({ jwtSecret: OLD_SECRET });
    expect(outcome(late.storage, signedBy(OLD_SECRET))).to.equal('opened');
    late.storage.replaceKeys(secrets);
    expect(outcome(late.storage, signedBy(OLD_SECRET))).to.equal('bad_signature');
    expect(outcome(late.storage, signedBy(SECRET))).to.equal('opened');
  });
});

describe("A late request's forceInvalidate('AllSessionIdsOfLoggedUser')", () => {
  it('ends no session of a user who signed in by that request: its credential was another user’s', async () => {
    const { storage } = revokingBench();
    const sid = storage.create().setUser('u1').forClient();
    const others = ['u1', 'u2'].map((uid) => storage.create().setUser(uid).forClient());
    const late = storage.get(sid).setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    const events = eventsOf(storage);
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(others.map((other) => outcome(storage, other))).to.deep.equal(['opened', 'opened']);
    expect(events.map(([name]) => name)).to.deep.equal(['refused-late-save']);
  });

  it('ends no session of a user who signed in by that request, whose credential was nobody’s', async () => {
    const { storage } = revokingBench();
    const sid = storage.create({ a: 1 }).forClient();
    const other = storage.create().setUser('u2').forClient();
    const late = storage.get(sid).setUser('u2').forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(outcome(storage, other)).to.equal('opened');
  });

  it('ends nothing once the credential it came with has expired, to the millisecond', async () => {
    for (const [age, result] of [
      [59_999, 'issued'],
      [60_000, 'withheld'],
    ] as const) {
      const { clock, storage } = revokingBench({ timeToLive: 0, absoluteTimeout: 60_000 });
      const sid = storage.create().setUser('u1').forClient();
      const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
      clock.time += 30_000;
      const other = storage.create().setUser('u1').forClient();
      clock.time = NOW + age;
      expect(await outcomeOf(storage.commit(late)), `after ${age} ms`).to.equal(result);
      expect(outcome(storage, other), `after ${age} ms`).to.equal(result === 'issued' ? 'revoked' : 'opened');
    }
  });

  it('ends nothing when the credential was rotated out and has expired since', async () => {
    const { clock, storage } = revokingBench({ timeToLive: 0, absoluteTimeout: 60_000 });
    const sid = storage.create().setUser('u1').forClient();
    const late = storage.get(sid).forceInvalidate('AllSessionIdsOfLoggedUser');
    await storage.commit(storage.get(sid).rotate());
    clock.time += 30_000;
    const other = storage.create().setUser('u1').forClient();
    clock.time += 30_000;
    expect(await outcomeOf(storage.commit(late))).to.equal('withheld');
    expect(outcome(storage, other)).to.equal('opened');
  });
});

describe('A session made for a request, once it was issued', () => {
  it('is issued anew when it is empty again, for the client holds the data', async () => {
    const { storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    const before = await issuedBy(storage.commit(session));
    delete session.sessionData['count'];
    const after = await issuedBy(storage.commit(session));
    expect([before, after].map((sid) => storage.get(sid).sessionData)).to.deep.equal([{ count: 1 }, {}]);
  });

  it('is issued anew when it is rotated, though nothing was put in it since', async () => {
    const { clock, storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    const before = await issuedBy(storage.commit(session));
    const after = await issuedBy(storage.commit(session.rotate()));
    expect(storage.get(after).id).to.equal(session.id).and.not.to.equal(claimsOf(before)['jti']);
    clock.time += 10_000;
    expect([before, after].map((sid) => outcome(storage, sid))).to.deep.equal(['superseded', 'opened']);
  });

  it('is left alone when nothing at all happened to it since', async () => {
    const { storage } = revokingBench();
    const session = storage.blank();
    session.sessionData['count'] = 1;
    await storage.commit(session);
    expect(await outcomeOf(storage.commit(session))).to.equal('unchanged');
  });
});

describe('The smallest token with deeply nested arrays', () => {
  const tokenWith = (levels: number): string => {
    const data = `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const payload = `{"jti":"a","created":${NOW},"luat":${NOW},"lmat":${NOW},"sessionData":${data}}`;
    return forge({ as: 'HS512', key: Buffer.from(SECRET), payload });
  };

  it('is refused from 1,001 levels on, and opened up to 1,000', () => {
    const { storage } = bench();
    expect(tokenWith(1001).length).to.be.below(3000);
    expect(outcome(storage, tokenWith(1000))).to.equal('opened');
    expect(refusalOf(() => storage.get(tokenWith(1001))).reason).to.equal('invalid_claims');
  });
});

describe('The entries that end sessions', () => {
  it('live for exactly as long as a token that they match can: bound and skew on top of its life', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log, bound: 7000 });
    const { storage } = bench({ revocations, clockSkew: 1234, timeToLive: 60_000 });
    const until = NOW + 400 * DAY + 7000 + 1234;
    await storage.revoke({ uid: 'u1' });
    await storage.revoke('everyone');
    await storage.revoke({ id: 'a', lineage: 'b' });
    await storage.commit(storage.get(storage.create().setUser('u9').forClient()).rotate());
    await revocations.close();
    const rotated = log.entries.at(-1);
    expect(log.entries.slice(0, 4).map(({ match, until: end }) => [Object.keys(match)[0], end])).to.deep.equal([
      ['uid', until],
      ['before', until],
      ['lineage', until],
      ['jti', until],
    ]);
    expect(log.entries[0]).to.deep.include({ at: NOW, match: { uid: 'u1', before: NOW + 1234, except: [] } });
    expect(rotated).to.include({ at: NOW + 10_000, until: NOW + 10_000 + 60_000 + 7000 + 1234 });
  });
});

describe('Session.forClient, with a timeoutResolution of 0', () => {
  it('gives the token verbatim when the session was only looked at, and a commit leaves it alone', async () => {
    const { clock, storage } = bench({ timeoutResolution: 0 });
    const sid = storage.create({ a: 1 }).forClient();
    clock.time += 3_600_000;
    expect(storage.get(sid, { touch: false }).forClient()).to.equal(sid);
    expect(await outcomeOf(storage.commit(storage.get(sid, { touch: false })))).to.equal('unchanged');
    expect(storage.get(sid).forClient()).not.to.equal(sid);
  });
});
