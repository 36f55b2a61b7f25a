import { expect } from 'chai';
import fc from 'fast-check';
import { RevocationList, type Session, type SessionStorage } from '../../../src/index.js';
import type { FakeClock } from '../../../src/testing/fake-clock.js';
import { Command, weighted } from '../../support/commands.js';
import { openingOf } from '../../support/outcomes.js';
import {
  ABSOLUTE,
  GRACE,
  IDLE,
  type Open,
  RESOLUTION,
  SessionModel,
  SKEW,
  type Token,
} from '../../support/session-model.js';
import { bench, issuedBy } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

/** Everything there is, each as the storage has it and as the model has it. */
interface World {
  readonly storage: SessionStorage;
  readonly clock: FakeClock;
  readonly model: SessionModel;
  readonly tokens: { readonly sid: string; readonly token: Token }[];
  readonly requests: { readonly session: Session; readonly open: Open }[];
}

/** Does the same to the storage and to the model, and compares all. */
function command(name: string, run: (world: World) => Promise<void> | void): Command<World> {
  return new Command<World>(async (world) => {
    await run(world);
    compareAll(world);
  }, name);
}

/** Every token ever issued opens, or does not, as the model says. */
function compareAll({ storage, model, tokens }: World): void {
  for (const { sid, token } of tokens) {
    const expected = model.openingOf(token);
    const found = openingOf(storage, sid);
    // What expired may have been revoked as well, until the list forgets it.
    if (expected === 'expired') expect(found).not.to.equal('opened');
    else expect(found).to.equal(expected);
  }
}

function compare(session: Session, open: Open, model: SessionModel): void {
  const { token } = open;
  expect(session.sessionData).to.deep.equal(token.data);
  for (const name of ['uid', 'created', 'lastAccess', 'lastUpdate', 'authenticatedAt'] as const) {
    expect(session[name], name).to.equal(token[name]);
  }
  expect(session.getExpiry()).to.equal(model.expiryOf(token));
  expect(session.isEnded).to.equal(model.isEnded(open));
}

function pick<Value>(list: readonly Value[], index: number): Value | undefined {
  return list[index % Math.max(1, list.length)];
}

/** A change of an open request, on both sides; nothing where there is none or it has ended. */
function change(
  name: string,
  index: number,
  real: (session: Session) => unknown,
  modelled: (model: SessionModel, open: Open) => void,
): Command<World> {
  return command(`${name} in request ${index}`, ({ requests, model }) => {
    const request = pick(requests, index);
    if (request === undefined || request.open.isRevoked) return;
    real(request.session);
    modelled(model, request.open);
    compare(request.session, request.open, model);
    expect(request.session.isModified).to.equal(model.isModified(request.open));
  });
}

const index = fc.nat({ max: 1000 });
const uid = fc.constantFrom('u1', 'u2', undefined);
const key = fc.constantFrom('a', 'b', '__proto__');

const changes: fc.Arbitrary<Command<World>>[] = [
  fc.nat({ max: 4 }).chain((kind) =>
    fc.nat({ max: [3, 900, RESOLUTION, GRACE, IDLE / 2][kind] ?? 0 }).map((ms) =>
      command(`wait ${ms}`, ({ clock, model }) => {
        clock.advance(ms);
        model.now += ms;
      }),
    ),
  ),
  fc.tuple(index, key, fc.option(fc.nat({ max: 2 }), { nil: undefined })).map(([at, name, value]) =>
    change(
      `put ${name} = ${value}`,
      at,
      ({ sessionData }) => {
        if (value === undefined) Reflect.deleteProperty(sessionData, name);
        else Object.defineProperty(sessionData, name, { value, enumerable: true, writable: true, configurable: true });
      },
      (model, open) => model.put(open, name, value),
    ),
  ),
  fc.tuple(index, uid).map(([at, one]) =>
    change(
      `setUser ${one}`,
      at,
      (session) => session.setUser(one === undefined ? null : { _id: one }),
      (model, open) => model.setUser(open, one),
    ),
  ),
  index.map((at) =>
    change(
      'save',
      at,
      (session) => session.save(),
      (model, open) => model.save(open),
    ),
  ),
  index.map((at) =>
    change(
      'rotate',
      at,
      (session) => session.rotate(),
      (model, open) => model.rotate(open),
    ),
  ),
  fc.tuple(index, fc.constantFrom('one' as const, 'all' as const)).map(([at, force]) =>
    change(
      `force ${force}`,
      at,
      (session) => session.forceInvalidate(force === 'one' ? 'CurrentSessionId' : 'AllSessionIdsOfLoggedUser'),
      (_, open) => {
        open.force = force;
      },
    ),
  ),
];

const ends: fc.Arbitrary<Command<World>>[] = [
  index.map((at) =>
    change(
      'sign out',
      at,
      (session) => session.revoke(),
      (_, open) => {
        open.isRevoked = true;
      },
    ),
  ),
  index.map((at) =>
    command(`revoke token ${at}`, async ({ storage, model, tokens }) => {
      const one = pick(tokens, at);
      if (one === undefined) return;
      await storage.revoke({ sid: one.sid });
      model.revokeLineage(one.token);
    }),
  ),
  fc.tuple(uid, fc.option(index)).map(([one = 'u1', at]) =>
    command(`revoke user ${one} except ${at}`, async ({ storage, model, tokens }) => {
      const except = at === null ? undefined : pick(tokens, at);
      const alive = except !== undefined && model.openingOf(except.token) === 'opened' ? except : undefined;
      const session = alive && storage.get(alive.sid, { touch: false });
      await storage.revoke(session === undefined ? { uid: one } : { uid: one, except: session });
      model.revokeUser(one, alive?.token);
    }),
  ),
  fc.constant(
    command('revoke everyone', async ({ clock, storage, model }) => {
      // A sign-in may lie a millisecond ahead, behind an earlier revocation of its user.
      clock.advance(1);
      model.now += 1;
      await storage.revoke('everyone');
      model.revokeEveryone();
    }),
  ),
];

const create = fc.constant(
  command('create', ({ storage, model, requests }) => {
    requests.push({ session: storage.create(), open: model.create() });
  }),
);

const open = index.map((at) =>
  command(`open token ${at}`, ({ storage, model, tokens, requests }) => {
    const one = pick(
      tokens.filter(({ token }) => model.openingOf(token) === 'opened'),
      at,
    );
    if (one === undefined) return;
    const request = { session: storage.get(one.sid), open: model.open(one.token) };
    compare(request.session, request.open, model);
    requests.push(request);
  }),
);

const commit = index.map((at) =>
  command(`commit request ${at}`, async ({ storage, model, tokens, requests }) => {
    const request = pick(requests, at);
    if (request === undefined) return;
    const result = await storage.commit(request.session);
    expect(result.outcome).to.equal(model.commit(request.open));
    if (result.outcome === 'issued') tokens.push({ sid: await issuedBy(result), token: request.open.token });
  }),
);

/** Most of what happens is that requests come and go; what ends sessions is rare, or there would be none to look at. */
const commands = [...changes, ...changes, ...changes, ...ends, ...weighted([4, create], [12, open], [16, commit])];

describe('Any sequence of operations on sessions, through token round trips', () => {
  it('comes to what a plain model says, of every token ever issued and at every step', async function () {
    this.timeout(20_000);
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 100, size: 'max' }), async (sequence) => {
        await fc.asyncModelRun(() => {
          const revocations = new RevocationList();
          const { clock, storage } = bench({
            revocations,
            timeToLive: 0,
            idleTimeout: IDLE,
            absoluteTimeout: ABSOLUTE,
            timeoutResolution: RESOLUTION,
            rotationGrace: GRACE,
            clockSkew: SKEW,
          });
          const real = { storage, clock, model: new SessionModel(NOW), tokens: [], requests: [] };
          return { model: {}, real };
        }, sequence);
      }),
      { numRuns: 500 },
    );
  });
});
