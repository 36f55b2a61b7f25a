import { expect } from 'chai';
import sinon from 'sinon';
import { type Session, SessionEnded, type SessionModel } from '../../src/index.js';
import { refuseCookie } from '../../src/session/other-ways.js';
import { errorOf } from '../support/outcomes.js';
import { serverBench } from '../support/server-sessions.js';
import { bench, callUntyped } from '../support/sessions.js';

/** Assigns as plain JavaScript can. */
function assign(target: unknown, name: string, value: unknown): void {
  Reflect.set(Object(target), name, value, target);
}

/** The arguments with which a method calls back. */
function settled(call: (callback: (...args: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise((resolve) => void call((...args) => resolve(args)));
}

const READ_ONLY = [
  ['uid', 'setUser(user)'],
  ['id', 'rotate()'],
  ['lineage', 'setUser(user)'],
  ['created', 'setUser(user)'],
  ['lastAccess', 'save()'],
  ['lastUpdate', 'save()'],
  ['authenticatedAt', 'setUser(user)'],
] as const;

const COOKIE = [
  ['maxAge', 'setLifetime'],
  ['originalMaxAge', 'setLifetime'],
  ['expires', 'setLifetime'],
  ['secure', 'activateSessions'],
  ['httpOnly', 'activateSessions'],
  ['sameSite', 'activateSessions'],
  ['domain', 'activateSessions'],
  ['path', 'activateSessions'],
  ['partitioned', 'activateSessions'],
] as const;

const kinds: readonly [string, () => Promise<SessionModel>][] = [
  ['in a token', async () => bench().storage.create()],
  ['in a store', async () => await serverBench().storage.create()],
  ['in a store with authKey', async () => await serverBench({ authKey: 'passport.user' }).storage.create()],
];

for (const [kind, create] of kinds) {
  describe(`A session ${kind}, for code written for express-session`, () => {
    for (const [name, way] of READ_ONLY) {
      it(`refuses an assignment to ${name} and names ${way}`, async () => {
        const session = await create();
        const before = session.get(name);
        expect(() => assign(session, name, 'x')).to.throw(TypeError, `session.${name} cannot be assigned: call ${way}`);
        expect(session.get(name)).to.equal(before);
      });
    }

    for (const [name, way] of COOKIE) {
      it(`refuses an assignment to cookie.${name} and names ${way}`, async () => {
        const cookie: unknown = Reflect.get(await create(), 'cookie');
        expect(() => assign(cookie, name, 60_000))
          .to.throw(TypeError, `session.cookie.${name} cannot be assigned`)
          .with.property('message')
          .that.includes(way);
      });
    }

    it('may be asked for its cookie and for methods that it lacks', async () => {
      const session = await create();
      expect(Reflect.get(Object(Reflect.get(session, 'cookie')), 'maxAge')).to.equal(undefined);
      for (const name of ['touch', 'reload', 'resetMaxAge', 'destroy', 'regenerate'])
        expect(() => Reflect.get(session, name), name).not.to.throw();
    });

    it('calls back from save, as express-session does, with the error if there is one', async () => {
      const session = await create();
      expect(await settled((callback) => callUntyped(session, 'save', callback))).to.deep.equal([]);
      session.revoke();
      const [error] = await settled((callback) => callUntyped(session, 'save', callback));
      expect(error).to.be.instanceOf(SessionEnded);
    });

    it('refuses a callback where it would never be called', async () => {
      const session = await create();
      const callback = (): never => {
        throw new Error('was called');
      };
      for (const [name, ...args] of [
        ['rotate'],
        ['revoke'],
        ['forceInvalidate', 'CurrentSessionId'],
        ['update', () => undefined],
      ] as const) {
        expect(await errorOf(() => callUntyped(session, name, ...args, callback)), name).to.be.instanceOf(TypeError);
      }
      expect(await errorOf(() => callUntyped(session, 'setUser', { _id: 'u1' }, callback))).to.be.instanceOf(TypeError);
      expect(session).to.include({ uid: undefined, isEnded: false });
    });

    it('refuses an assignment to cookie', async () => {
      const session = await create();
      expect(() => assign(session, 'cookie', {})).to.throw(TypeError, 'session.cookie cannot be assigned');
    });

    it('says what to do instead of touch, resetMaxAge and reload', async () => {
      const session = await create();
      for (const name of ['touch', 'resetMaxAge'])
        expect(() => callUntyped(session, name), name).to.throw(TypeError, `session.${name} is not available: remove`);
      expect(() => callUntyped(session, 'reload', () => undefined)).to.throw(TypeError, 'session.update(change)');
    });

    it('shows none of that to a loop over its properties', async () => {
      const names: string[] = [];
      for (const name in await create()) names.push(name);
      for (const name of ['cookie', 'touch', 'uid', 'destroy']) expect(names).not.to.include(name);
    });
  });
}

describe('A session in a token, for code that expects a store', () => {
  const create = (): Session => bench().storage.create();

  it('names revoke when destroy is called', () => {
    expect(() => callUntyped(create(), 'destroy')).to.throw(TypeError, 'session.revoke()');
  });

  it('names setUser, rotate and, for Passport, ServerSessionStorage when regenerate is called', () => {
    for (const part of ['setUser(user)', 'rotate()', 'ServerSessionStorage with authKey'])
      expect(() => callUntyped(create(), 'regenerate', () => undefined)).to.throw(TypeError, part);
  });

  it('takes a regenerate of the application, as code for cookie-session installs one', () => {
    const session = create();
    assign(session, 'regenerate', () => 'mine');
    expect(callUntyped(session, 'regenerate')).to.equal('mine');
  });
});

describe('session.cookie', () => {
  afterEach(() => sinon.restore());

  it('warns the first time that it is read', () => {
    const emitWarning = sinon.stub(process, 'emitWarning');
    const target = {};
    refuseCookie(target);
    expect(emitWarning.callCount).to.equal(0);
    expect(Reflect.get(target, 'cookie')).to.deep.equal({});
    expect(Reflect.get(target, 'cookie')).to.deep.equal({});
    expect(emitWarning.callCount).to.equal(1);
    expect(emitWarning.firstCall.args[1]).to.include({ code: 'SESSIONS_COOKIE_READ' });
  });
});
