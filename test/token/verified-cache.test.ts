import { expect } from 'chai';
import fc from 'fast-check';
import { RevocationList, SessionStorage, type SessionStorageOptions, type StandardSchema } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { VerifiedCache } from '../../src/token/verified-cache.js';
import { forge } from '../support/forge.js';
import { OTHER_SECRET, SECRET } from '../support/keys.js';
import { openingOf } from '../support/outcomes.js';
import { claims, NOW } from '../support/token-fixtures.js';

type Data = Record<string, unknown>;

/** Counts how often data is judged, that is, how often a token was not remembered. */
class CountingSchema implements StandardSchema<Data> {
  calls = 0;
  readonly '~standard': StandardSchema<Data>['~standard'] = {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      this.calls += 1;
      return typeof value === 'object' && value !== null
        ? { value: { ...value } }
        : { issues: [{ message: 'no object' }] };
    },
  };

  /** How often data is judged while `action` runs. */
  during(action: () => unknown): number {
    const before = this.calls;
    action();
    return this.calls - before;
  }
}

function storageWith(options: Partial<SessionStorageOptions<Data, Data>> = {}): SessionStorage<Data, Data> {
  return new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'HS256', clock: new FakeClock(NOW), ...options });
}

function remembered<Value>(size: number, entries: readonly (readonly [string, Value])[]): VerifiedCache<Value> {
  const cache = new VerifiedCache<Value>(size);
  for (const [token, value] of entries) {
    cache.offer(token, value);
    cache.offer(token, value);
  }
  return cache;
}

function tokens(count: number, name: string = 't'): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    forge({ as: 'HS256', key: SECRET, payload: { jti: `${name}${index}` } }),
  );
}

function hits(cache: VerifiedCache<unknown>, all: readonly string[]): number {
  return all.filter((token) => cache.get(token) !== undefined).length;
}

describe('VerifiedCache', () => {
  it('keeps what is offered for the second time', () => {
    const cache = new VerifiedCache<string>(10);
    const [token = ''] = tokens(1);
    expect(cache.get(token)).to.equal(undefined);
    cache.offer(token, 'v');
    expect(cache.get(token)).to.equal(undefined);
    cache.offer(token, 'v');
    expect(cache.get(token)).to.equal('v');
    expect(cache.get(token)).to.equal('v');
  });

  it('keeps next to nothing of tokens that are seen once', () => {
    const cache = new VerifiedCache<string>(100_000);
    const all = tokens(30_000);
    for (const token of all) cache.offer(token, token);
    expect(hits(cache, all)).to.be.lessThan(all.length / 8);
  });

  it('gives a value for the very same token alone: two tokens never share an entry (row 32, CVE-2026-35039; property)', () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.string({ unit: 'grapheme-ascii', maxLength: 8 }), (one, other, end) => {
        const cache = remembered(10, [[one + end, 'one']]);
        expect(cache.get(one + end)).to.equal('one');
        expect(cache.get(other + end)).to.equal(one === other ? 'one' : undefined);
        cache.offer(other + end, 'other');
        cache.offer(other + end, 'other');
        expect(cache.get(other + end)).to.equal('other');
        expect([undefined, one === other ? 'other' : 'one']).to.include(cache.get(one + end));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a value for the very same token alone when it has grown old, too (row 32; property)', () => {
    const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, text, fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 8 }), (one, other, end) => {
        // Half of two is one: what comes second makes the first an old one.
        const cache = remembered(2, [
          [one + end, 'one'],
          ['another token', 'another'],
        ]);
        expect(cache.get(other + end)).to.equal(one === other ? 'one' : undefined);
        expect(cache.get(one + end)).to.equal('one');
      }),
      { numRuns: 1000 },
    );
  });

  it('gives nothing for a token of which any one character was changed, cut off or added', () => {
    const [token = ''] = tokens(1);
    const cache = remembered(10, [[token, 'v']]);
    for (let at = 0; at < token.length; at += 1) {
      for (const other of ['A', '-', '.', '', 'AA']) {
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        if (changed !== token) expect(cache.get(changed)).to.equal(undefined);
      }
    }
    for (const other of ['', token.slice(1), token.slice(0, -1), `${token}A`, `A${token}`, token.toLowerCase()]) {
      expect(cache.get(other)).to.equal(undefined);
    }
  });

  it('is bounded by its size and a few more (row 32)', () => {
    for (const size of [0, 1, 2, 3, 10, 101]) {
      const all = tokens(1_000);
      const cache = remembered(
        size,
        all.map((token) => [token, token] as const),
      );
      // Asking moves entries, so the last come first.
      expect(hits(cache, all.toReversed()), `size ${size}`).to.be.at.most(size + 3);
      for (const token of all) if (cache.get(token) === undefined) cache.offer(token, token);
      if (size > 1) expect(hits(cache, all.slice(-1))).to.equal(1);
      expect(hits(cache, all.toReversed())).to.be.at.most(size + 3);
    }
  });

  it('counts a token for every 512 characters', () => {
    for (const [length, most] of [
      [512, 100],
      [513, 50],
      [5_120, 10],
      [16_384, 3],
    ] as const) {
      const all = Array.from({ length: 200 }, (_, index) =>
        `${index}.`.padEnd(length, 'x').replace(/.{6}$/, String(index).padStart(6, 'y')),
      );
      const cache = remembered(
        100,
        all.map((token) => [token, token] as const),
      );
      for (const token of all) cache.get(token);
      expect(hits(cache, all.toReversed()), `length ${length}`).to.be.at.most(most + 3);
    }
  });

  it('keeps the tokens in use while others show each of theirs twice', () => {
    const inUse = tokens(50, 'user');
    const cache = remembered(
      200,
      inUse.map((token) => [token, token] as const),
    );
    expect(hits(cache, inUse)).to.equal(50);
    for (const token of tokens(5_000, 'flood')) {
      cache.offer(token, 'flood');
      cache.offer(token, 'flood');
    }
    expect(hits(cache, inUse)).to.equal(50);
  });

  it('fills up with tokens that are shown in turn, however long it takes until one comes again', () => {
    const all = tokens(90);
    const cache = new VerifiedCache<string>(200);
    for (let round = 0; round < 3; round += 1) {
      for (const token of all) if (cache.get(token) === undefined) cache.offer(token, token);
    }
    expect(hits(cache, all)).to.equal(90);
  });

  it('keeps what is asked for again and forgets what is not', () => {
    const [favourite = '', ...others] = tokens(500);
    const cache = remembered(20, [[favourite, 'v']]);
    for (const token of others) {
      cache.offer(token, 'o');
      cache.offer(token, 'o');
      expect(cache.get(favourite)).to.equal('v');
    }
    expect(cache.get(others[0] ?? '')).to.equal(undefined);
  });

  it('forgets everything when cleared, even that a token was seen', () => {
    const [token = ''] = tokens(1);
    const cache = remembered(10, [[token, 'v']]);
    cache.clear();
    expect(cache.get(token)).to.equal(undefined);
    cache.offer(token, 'v');
    expect(cache.get(token)).to.equal(undefined);
  });

  it('takes any text, the empty one too', () => {
    for (const text of ['', 'a', '.', 'é😀', '\ud800', '\0'.repeat(100)]) {
      expect(new VerifiedCache(2).get(text)).to.equal(undefined);
    }
  });
});

describe('what a storage remembers of tokens (row 32)', () => {
  it('saves judging a token that was seen twice before, and never without cacheSize', () => {
    for (const [options, calls] of [
      [{}, 0],
      [{ cacheSize: 2 }, 0],
      [{ cacheSize: 0 }, 1],
    ] as const) {
      const schema = new CountingSchema();
      const storage = storageWith({ sessionData: schema, ...options });
      const sid = storage.create({}).forClient();
      storage.get(sid);
      storage.get(sid);
      expect(schema.during(() => storage.get(sid))).to.equal(calls);
    }
  });

  it('is nothing of unsigned tokens, which have no signature to tell them apart by', () => {
    const schema = new CountingSchema();
    const storage = new SessionStorage({ jwtAlgorithm: 'none', sessionData: schema, clock: new FakeClock(NOW) });
    const sid = storage.create({}).forClient();
    for (let times = 0; times < 5; times += 1) expect(schema.during(() => storage.get(sid))).to.equal(1);
  });

  it('is bounded by cacheSize', () => {
    const schema = new CountingSchema();
    const storage = storageWith({ sessionData: schema, cacheSize: 10 });
    const sids = Array.from({ length: 200 }, () => storage.create({}).forClient());
    for (const sid of [...sids, ...sids]) storage.get(sid);
    expect(schema.during(() => sids.toReversed().map((sid) => storage.get(sid)))).to.be.at.least(190);
  });

  it('a token still ends at its exp and at the bounds of the storage', () => {
    for (const options of [
      { timeToLive: 5_000 },
      { timeToLive: 0, absoluteTimeout: 5_000 },
      { timeToLive: 0, idleTimeout: 5_000 },
    ]) {
      const clock = new FakeClock(NOW);
      const schema = new CountingSchema();
      const storage = storageWith({ clock, sessionData: schema, timeoutResolution: 100, ...options });
      const sid = storage.create({}).forClient();
      storage.get(sid);
      storage.get(sid);
      clock.set(NOW + 4_999);
      expect(schema.during(() => storage.get(sid))).to.equal(0);
      clock.set(NOW + 5_000);
      expect(schema.during(() => openingOf(storage, sid))).to.equal(0);
      expect(openingOf(storage, sid)).to.match(/^expired/);
    }
    const clock = new FakeClock(NOW);
    const storage = storageWith({ clock, timeToLive: 0 });
    const sid = forge({ as: 'HS256', key: SECRET, payload: claims({ exp: NOW / 1000 + 1 }) });
    for (let times = 0; times < 3; times += 1) expect(openingOf(storage, sid)).to.equal('opened');
    clock.set(NOW + 1_000);
    expect(openingOf(storage, sid)).to.match(/^expired/);
  });

  it('a token is still refused once its session, its user, or everyone is revoked', async () => {
    const clock = new FakeClock(NOW);
    const schema = new CountingSchema();
    const storage = storageWith({ clock, sessionData: schema, revocations: new RevocationList({ clock }) });
    for (const target of ['sid', 'uid', 'everyone'] as const) {
      clock.advance(10_000);
      const sid = storage.create({}).setUser('u1').forClient();
      for (let times = 0; times < 3; times += 1) expect(openingOf(storage, sid)).to.equal('opened');
      await storage.revoke(target === 'sid' ? { sid } : target === 'uid' ? { uid: 'u1' } : 'everyone');
      expect(schema.during(() => openingOf(storage, sid))).to.equal(0);
      expect(openingOf(storage, sid), target).to.equal('revoked');
    }
  });

  it('is gone with the keys, when the storage is closed, and not when new keys were refused', async () => {
    const schema = new CountingSchema();
    const storage = storageWith({ sessionData: schema });
    const sid = storage.create({}).forClient();
    const warm = (): void => {
      for (let times = 0; times < 3; times += 1) storage.get(sid);
      expect(schema.during(() => storage.get(sid))).to.equal(0);
    };
    warm();
    expect(() => storage.replaceKeys('')).to.throw(TypeError);
    expect(schema.during(() => storage.get(sid))).to.equal(0);
    storage.replaceKeys([OTHER_SECRET, SECRET]);
    expect(schema.during(() => storage.get(sid))).to.equal(1);
    warm();
    await storage.close();
    expect(schema.during(() => storage.get(sid))).to.equal(1);
    warm();
    storage.replaceKeys(OTHER_SECRET);
    expect(openingOf(storage, sid)).to.equal('bad_signature');
  });

  describe('of tokens that collide in all the bits that it files them by', () => {
    // Found by trying 211,000 tokens: under SECRET the last six characters of these two are the same.
    const [one = '', other = ''] = [123_870, 210_996].map((n) => {
      return forge({ as: 'HS256', key: SECRET, payload: claims({ jti: `n${n}`, uid: `u${n}` }) });
    });

    it('each is judged by itself, in either order and however often', () => {
      expect(one.slice(-6)).to.equal(other.slice(-6));
      expect(one).not.to.equal(other);
      for (const order of [
        [one, other],
        [other, one],
        [one, one, one, other, one, other],
        [other, other, other, one, other, one],
      ]) {
        const storage = storageWith();
        for (let times = 0; times < 3; times += 1) {
          for (const sid of order) expect(storage.get(sid).uid).to.equal(sid === one ? 'u123870' : 'u210996');
        }
      }
    });

    it('each is judged by itself when the other is among the oldest that are remembered', () => {
      const filler = forge({ as: 'HS256', key: SECRET, payload: claims({ jti: 'filler' }) });
      for (const [old, young] of [
        [one, other],
        [other, one],
      ] as const) {
        const storage = storageWith({ cacheSize: 2 });
        for (const sid of [old, old, filler, filler]) storage.get(sid);
        expect(storage.get(young).uid).to.equal(young === one ? 'u123870' : 'u210996');
        expect(storage.get(old).uid).to.equal(old === one ? 'u123870' : 'u210996');
      }
    });

    it('revoking one does not end the other', async () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock, revocations: new RevocationList({ clock }) });
      for (const sid of [one, one, one, other, other, other]) storage.get(sid);
      await storage.revoke({ sid: one });
      for (const sid of [one, other, one, other]) {
        expect(openingOf(storage, sid)).to.equal(sid === one ? 'revoked' : 'opened');
      }
    });

    it('a forged one with the signature of a remembered one is refused', () => {
      const storage = storageWith();
      for (let times = 0; times < 3; times += 1) storage.get(one);
      const signature = one.slice(one.lastIndexOf('.'));
      const admin = forge({ as: 'HS256', key: OTHER_SECRET, payload: claims({ jti: 'n123870', uid: 'admin' }) });
      expect(openingOf(storage, admin.slice(0, admin.lastIndexOf('.')) + signature)).to.equal('bad_signature');
      expect(storage.get(one).uid).to.equal('u123870');
    });
  });

  describe('cannot be changed through a session', () => {
    const json = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

    function scribble(value: unknown): void {
      if (typeof value !== 'object' || value === null) return;
      for (const item of Object.values(value)) scribble(item);
      if (Object.isFrozen(value)) return;
      if (Array.isArray(value)) value.push('scribbled');
      else for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
      Reflect.set(value, 'scribbled', true);
    }

    it('whatever the data: each session gets a copy of its own (property)', () => {
      fc.assert(
        fc.property(json, json, json, fc.boolean(), (sessionData, userData, info, typed) => {
          const storage = storageWith(
            typed ? { sessionData: new CountingSchema(), userData: new CountingSchema() } : {},
          );
          const sid = forge({ as: 'HS256', key: SECRET, payload: claims({ uid: 'u', sessionData, userData, info }) });
          const seen = new Set<string>();
          for (let times = 0; times < 4; times += 1) {
            const session = storage.get(sid);
            seen.add(JSON.stringify([session.sessionData, session.userData, session.info, session.id, session.uid]));
            scribble(session.sessionData);
            scribble(session.userData);
            scribble(session.info);
          }
          expect([...seen].length).to.equal(1);
        }),
        { numRuns: 200 },
      );
    });

    it('by any of its methods', async () => {
      const clock = new FakeClock(NOW);
      const storage = storageWith({ clock });
      const made = storage.create({ cart: { items: [1] }, other: 1 }).setUser('u1', { name: 'n' });
      made.info = { device: { name: 'd' } };
      const sid = made.forClient();
      const look = (): string => {
        const { id, lineage, uid, sessionData, userData, info, created, lastAccess, lastUpdate, authenticatedAt } =
          storage.get(sid, { touch: false });
        return JSON.stringify({
          id,
          lineage,
          uid,
          sessionData,
          userData,
          info,
          created,
          lastAccess,
          lastUpdate,
          authenticatedAt,
          expiry: storage.get(sid).getExpiry() - clock.now(),
        });
      };
      look();
      const before = look();
      const session = storage.get(sid);
      await session.update((data) => {
        data['cart'] = null;
      });
      session.userData = { name: 'other' };
      session.info = { device: 'other' };
      session.setLifetime({ idleTimeout: 1_000 });
      session.setUser('u2', { name: 'u2' }, { keep: [] });
      session.rotate().save().forClient();
      expect(storage.commit(storage.get(sid).rotate())).to.have.property('outcome', 'issued');
      session.revoke();
      expect(look()).to.equal(before);
    });

    it('and its info is frozen all the way down', () => {
      const storage = storageWith();
      const sid = forge({ as: 'HS256', key: SECRET, payload: claims({ info: { a: [{ b: 1 }] } }) });
      const { info } = storage.get(sid);
      const [first] = Array.isArray(info['a']) ? info['a'] : [];
      expect([info, info['a'], first].map(Object.isFrozen)).to.deep.equal([true, true, true]);
    });

    it('nor does one session see what another of the same token changed', () => {
      const storage = storageWith();
      const sid = storage.create({ list: [1] }).forClient();
      const [one, other] = [storage.get(sid), storage.get(sid)];
      one.sessionData['list'] = 'gone';
      expect(other.sessionData).to.deep.equal({ list: [1] });
    });
  });
});
