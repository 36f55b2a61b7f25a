import { expect } from 'chai';
import { z } from 'zod';
import { type CreatePolicy, Lifecycle } from '../../../src/http/lifecycle.js';
import { CookieTransport } from '../../../src/http/transports/cookie.js';
import { HeaderTransport } from '../../../src/http/transports/header.js';
import {
  MemoryStore,
  RevocationList,
  ServerSessionStorage,
  SessionNotFound,
  SessionStorage,
  type SessionStorageOptions,
} from '../../../src/index.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { FakeExchange } from '../../support/fake-exchange.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { NOW } from '../../support/token-fixtures.js';

const HOUR = 3_600_000;
const OLD = { kid: 'old', secret: 'o'.repeat(64) };
const NEW = { kid: 'new', secret: 'n'.repeat(64) };

type Plain = Record<string, unknown>;
type AnyStorage = SessionStorage<Plain, Plain> | ServerSessionStorage<Plain, Plain>;
type TokenOptions = Partial<SessionStorageOptions<Plain, Plain>>;

/** Two instances of a deployment, each with the clock it goes by: `there` issued a credential that `here` cannot judge. */
interface Pair {
  readonly here: AnyStorage;
  readonly there: AnyStorage;
  readonly clock: FakeClock;
  readonly reason: string;
}

function tokens(reason: string, here: TokenOptions, there: TokenOptions, ahead = 0): Pair {
  const clock = new FakeClock(NOW);
  const revocations = new RevocationList();
  const storageWith = (options: TokenOptions, lead: number) =>
    new SessionStorage<Plain, Plain>({
      jwtSecret: OLD,
      revocations,
      clock: { now: () => clock.now() + lead },
      ...options,
    });
  return { here: storageWith(here, 0), there: storageWith(there, ahead), clock, reason };
}

const NARROW = z.strictObject({ n: z.number().optional() });
const WIDE = z.object({ n: z.number().optional(), added: z.string().default('by the new release') });

function stores(): Pair {
  const clock = new FakeClock(NOW);
  const store = new MemoryStore();
  const storageWith = (sessionData: z.ZodType<Plain, Plain>) =>
    new ServerSessionStorage<Plain, Plain>({ store, sessionData, clock, sweepInterval: null });
  return { here: storageWith(NARROW), there: storageWith(WIDE), clock, reason: 'invalid_data' };
}

const pairs: readonly [what: string, pair: () => Pair][] = [
  ['a token of a clock that is 2 s ahead', () => tokens('not_yet_valid', {}, {}, 2_000)],
  ['a token of a key that is not known yet', () => tokens('unknown_key', {}, { jwtSecret: [NEW, OLD] })],
  [
    'a token of the first key that has a name',
    () => tokens('bad_signature', { jwtSecret: OLD.secret }, { jwtSecret: [NEW, OLD.secret] }),
  ],
  ['a token for another audience', () => tokens('wrong_audience', {}, { audience: 'shop' })],
  ['a token of another issuer', () => tokens('wrong_issuer', { issuer: 'a' }, { issuer: 'b' })],
  ["a token with a newer release's data", () => tokens('invalid_data', { sessionData: NARROW }, { sessionData: WIDE })],
  ["a record with a newer release's data", stores],
];

const ways = ['cookie', 'header'] as const;

class Client {
  readonly #lifecycle: Lifecycle<ReturnType<AnyStorage['blank']>>;
  readonly #way: (typeof ways)[number];

  constructor(storage: AnyStorage, way: (typeof ways)[number], create: CreatePolicy = 'lazy') {
    const transports = { cookie: new CookieTransport(true), header: new HeaderTransport(true) };
    this.#lifecycle = Reflect.construct(Lifecycle, [storage, transports, create]);
    this.#way = way;
  }

  async open(sid: string) {
    const headers = this.#way === 'cookie' ? { cookie: `sid=${sid}` } : { 'x-session-id': sid };
    const exchange = new FakeExchange({ headers });
    const visit = await this.#lifecycle.open(exchange, false);
    const end = async () => {
      await this.#lifecycle.commit(exchange, visit);
      return [...exchange.setCookies, ...exchange.responseHeader('x-session-id')].join(' ');
    };
    return { visit, session: visit.session, end, adopt: this.#lifecycle.adopt.bind(this.#lifecycle, visit) };
  }
}

const signedIn = async (storage: AnyStorage) => {
  const session = (await storage.create({})).setUser('u1');
  await session.save();
  return session.forClient();
};

for (const [what, pair] of pairs) {
  describe(`${what}, which cannot be judged here now`, () => {
    it('is refused by a reason of its own, and as undecided', async () => {
      const { here, there, reason } = pair();
      const sid = await signedIn(there);
      const error = await errorOf(() => here.get(sid));
      expect(error).to.be.instanceOf(SessionNotFound);
      expect(error).to.include({ reason, isUndecided: true, withinGrace: false });
    });

    for (const way of ways) {
      it(`is not overwritten by what a visitor of nobody leaves behind, by ${way}`, async () => {
        const { here, there } = pair();
        const sid = await signedIn(there);
        const told = eventsBesidesLoaded(here);
        const { session, end } = await new Client(here, way).open(sid);
        expect(session?.uid).to.equal(undefined);
        if (session !== undefined) session.sessionData['n'] = 1;
        expect(await end()).to.equal('');
        expect(told.map(([name]) => name)).to.deep.equal(['refused', 'refused-late-save']);
        expect((await there.get(sid)).uid).to.equal('u1');
      });

      it(`is not overwritten by an empty session, by ${way}`, async () => {
        const { here, there } = pair();
        const { end } = await new Client(here, way, 'eager').open(await signedIn(there));
        expect(await end()).to.equal('');
      });

      it(`is replaced by a sign-in, with what was written before it, by ${way}`, async () => {
        const { here, there } = pair();
        const { session, end } = await new Client(here, way).open(await signedIn(there));
        if (session !== undefined) session.sessionData['n'] = 1;
        session?.setUser('u2');
        const sent = /(?:sid=)?([\w.-]+)/.exec((await end()).replace('sid=', ''))?.[1];
        const now = await here.get(sent);
        expect([now.uid, now.sessionData]).to.deep.equal(['u2', { n: 1 }]);
      });

      it(`is cleared by a sign-out, by ${way}`, async () => {
        const { here, there } = pair();
        const { session, end } = await new Client(here, way).open(await signedIn(there));
        session?.revoke();
        expect(await end()).to.match(/^sid=; .*Max-Age=0/);
      });

      it(`ends for all who have a copy, if it is authentic, by a sign-out or another sign-in by ${way}`, async () => {
        for (const leave of ['revoke', 'setUser'] as const) {
          const { here, there, reason } = pair();
          const sid = await signedIn(there);
          const { session, end } = await new Client(here, way).open(sid);
          if (leave === 'revoke') session?.revoke();
          else session?.setUser('u2');
          await end();
          const isKnown = reason === 'not_yet_valid' || reason === 'invalid_data';
          expect(await openingOf(there, sid), leave).to.equal(isKnown ? 'revoked' : 'opened');
        }
      });

      it(`keeps a session of nobody that the application assigns from being sent, by ${way}`, async () => {
        const { here, there } = pair();
        const { session, adopt, end } = await new Client(here, way, 'never').open(await signedIn(there));
        expect(session).to.equal(undefined);
        Reflect.apply(adopt, undefined, [await here.create({})]);
        expect(await end()).to.equal('');
      });

      it(`is replaced by a session that the application signed in and assigns, by ${way}`, async () => {
        const { here, there } = pair();
        const { adopt, end } = await new Client(here, way, 'never').open(await signedIn(there));
        const session = (await here.create({})).setUser('u2');
        await session.save();
        Reflect.apply(adopt, undefined, [session]);
        expect(await end()).to.include(session.forClient());
      });
    }
  });
}

describe('a credential that cannot be judged here now', () => {
  // Without the clock that is ahead: this one catches up.
  for (const [what, pair] of pairs.slice(1)) {
    it(`is undecided until an hour after it was issued: ${what}`, async () => {
      const { here, there, clock } = pair();
      const sid = await signedIn(there);
      clock.advance(HOUR - 1);
      expect(await errorOf(() => here.get(sid))).to.include({ isUndecided: true });
      clock.advance(1);
      expect(await errorOf(() => here.get(sid))).to.include({ isUndecided: false });
    });
  }

  it('opens once the clock has caught up', async () => {
    const { here, there, clock } = tokens('', {}, {}, 2_000);
    const sid = await signedIn(there);
    clock.advance(1_000);
    expect((await here.get(sid)).uid).to.equal('u1');
  });

  it('is not waited for if its clock is an hour ahead', async () => {
    const { here, there } = tokens('', {}, {}, HOUR);
    const error = await errorOf(async () => here.get(await signedIn(there)));
    expect(error).to.include({ reason: 'not_yet_valid', isUndecided: false });
  });

  it('does not count beside one that opens a session', async () => {
    const { here, there } = tokens('', {}, { jwtSecret: [NEW, OLD] });
    const own = await signedIn(here);
    const { session, end } = await new Client(here, 'cookie').open(`${await signedIn(there)}; sid=${own}`);
    expect(session?.uid).to.equal('u1');
    if (session !== undefined) session.sessionData['n'] = 1;
    expect(await end()).to.include('sid=ey');
  });

  it('is no token that only names a key which is not here', async () => {
    const { here, there } = tokens('', {}, { jwtSecret: [NEW, OLD] });
    const [header] = (await signedIn(there)).split('.');
    for (const payload of [
      {},
      { jti: 'a', iat: NOW / 1000 + 2 },
      { iat: NOW / 1000, jti: 'a' },
      { jti: 'a', iat: NOW / 1000 + 3_600 },
      { jti: 'a', iat: '1' },
      { jti: 'a'.repeat(256), iat: NOW / 1000 },
      [],
    ]) {
      const segment = Buffer.from(JSON.stringify(payload)).toString('base64url');
      const error = await errorOf(() => here.get(`${header}.${segment}.AAAA`));
      expect(error, segment).to.include({ reason: 'unknown_key', isUndecided: false });
    }
  });

  it('is no forged token of a key that is known', async () => {
    const { here, there } = tokens('', {}, {});
    const sid = await signedIn(there);
    const forged = `${sid.slice(0, sid.lastIndexOf('.'))}.${'A'.repeat(86)}`;
    expect(await errorOf(() => here.get(forged))).to.include({ reason: 'bad_signature', isUndecided: false });
  });
});
