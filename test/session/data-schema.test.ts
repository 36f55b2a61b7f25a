import { expect } from 'chai';
import { z } from 'zod';
import { SessionDataInvalid, SessionNotFound, SessionStorage, type StandardSchema } from '../../src/index.js';
import { errorOf } from '../support/outcomes.js';
import { bench, SECRET, tokenOf } from '../support/sessions.js';
import { claims } from '../support/token-fixtures.js';

interface Cart {
  cart: string[];
}

/** A Standard Schema written by hand: `validate` alone decides. */
function schema<Output>(validate: StandardSchema<Output>['~standard']['validate']): StandardSchema<Output, unknown> {
  return { '~standard': { version: 1, vendor: 'by hand', validate } };
}

const handWritten = schema<Cart>((value) => {
  const cart: unknown = Object(value).cart;
  return Array.isArray(cart) && cart.every((item) => typeof item === 'string')
    ? { value: { cart } }
    : { issues: [{ message: 'expected a list of names', path: ['cart', { key: 0 }] }] };
});

const withZod = z.object({ cart: z.array(z.string()).default([]), total: z.number().optional() });

describe('A zod schema for sessionData', () => {
  it('fills in defaults at create', () => {
    expect(bench({ sessionData: withZod }).storage.create({}).sessionData).to.deep.equal({ cart: [] });
  });

  it('refuses what does not fit at create, naming the path', () => {
    const { storage } = bench({ sessionData: withZod });
    expect(errorOf(() => storage.create(JSON.parse('{"cart":["a",5]}')), SessionDataInvalid).path).to.equal(
      'sessionData.cart[1]',
    );
    expect(errorOf(() => storage.create(JSON.parse('{"total":"5"}')), SessionDataInvalid).path).to.equal(
      'sessionData.total',
    );
  });

  it('is quoted in one line, whatever a key or a message contains (ASVS 16.4.1)', () => {
    const { storage } = bench({ sessionData: z.strictObject({ n: z.number().optional() }) });
    const data: object = JSON.parse('{"a\\nERROR forged\\u009b":1}');
    expect(errorOf(() => storage.create(data)).message).to.equal(
      'sessionData: Unrecognized key: "a\\u000aERROR forged\\u009b"',
    );
  });

  it('does not show the value it refuses', () => {
    const { storage } = bench({ sessionData: z.object({ pin: z.number() }) });
    const error = errorOf(() => storage.create(JSON.parse('{"pin":"hunter2"}')));
    expect(error).to.be.instanceOf(SessionDataInvalid);
    expect(error.message).not.to.include('hunter2');
  });

  it('refuses what a change in place made of it at commit and at forClient', () => {
    const { storage } = bench({ sessionData: withZod });
    const session = storage.create({ cart: ['a'] });
    Object.assign(session.sessionData, { cart: [1] });
    expect(errorOf(() => storage.commit(session), SessionDataInvalid).path).to.equal('sessionData.cart[0]');
    expect(errorOf(() => session.forClient(), SessionDataInvalid).path).to.equal('sessionData.cart[0]');
  });

  it('refuses token data that does not fit as SessionNotFound with the reason invalid_data and the cause', () => {
    const { storage } = bench({ sessionData: withZod });
    const refusal = errorOf(() => storage.get(tokenOf(claims({ sessionData: { cart: 'a' } }))), SessionNotFound);
    expect(refusal.reason).to.equal('invalid_data');
    expect(refusal.cause).to.be.instanceOf(SessionDataInvalid);
  });

  it('fills in defaults at get, without counting that as a change', () => {
    const { storage } = bench({ sessionData: withZod });
    const session = storage.get(tokenOf(claims()));
    expect(session.sessionData).to.deep.equal({ cart: [] });
    expect(session.isModified).to.equal(false);
  });

  it('drops unknown keys where the schema does', () => {
    const { storage } = bench({ sessionData: withZod });
    expect(storage.create(JSON.parse('{"x":1}')).sessionData).to.deep.equal({ cart: [] });
  });

  it('gives sessions copies of their own, of defaults too', () => {
    const { storage } = bench({ sessionData: withZod });
    storage.create({}).sessionData.cart.push('a');
    expect(storage.create({}).sessionData.cart).to.deep.equal([]);
  });

  it('must give what JSON can carry', () => {
    const { storage } = bench({ sessionData: z.object({ at: z.string().transform((text) => new Date(text)) }) });
    expect(errorOf(() => storage.create(JSON.parse('{"at":"2026-01-01"}')), SessionDataInvalid).path).to.equal(
      'sessionData.at',
    );
  });

  it('must give an object', () => {
    for (const value of [5, null, 'text', undefined]) {
      const { storage } = bench({ sessionData: schema<Cart>(() => JSON.parse(JSON.stringify({ value }))) });
      expect(errorOf(() => storage.create({ cart: [] }), SessionDataInvalid).path).to.equal('sessionData');
    }
  });
});

describe('A Standard Schema written by hand', () => {
  it('types and checks sessionData', () => {
    const { storage } = bench({ sessionData: handWritten });
    expect(storage.get(storage.create({ cart: ['a'] }).forClient()).sessionData.cart).to.deep.equal(['a']);
    const error = errorOf(() => storage.create(JSON.parse('{"cart":[1]}')));
    expect(error).to.be.instanceOf(SessionDataInvalid);
    expect(error.message).to.equal('sessionData.cart[0]: expected a list of names');
  });

  it('may give issues without a path, or none at all', () => {
    const none = bench({ sessionData: schema<Cart>(() => ({ issues: [] })) });
    expect(errorOf(() => none.storage.create({ cart: [] }), SessionDataInvalid).path).to.equal('sessionData');
    const pathless = bench({ sessionData: schema<Cart>(() => ({ issues: [{ message: 'no' }] })) });
    expect(errorOf(() => pathless.storage.create({ cart: [] })).message).to.equal('sessionData: no');
  });

  it('cannot change what the application gave, only what is kept', () => {
    const { storage } = bench({
      sessionData: schema<Cart>((value) => {
        Object(value).cart.push('added');
        return { value: Object(value) };
      }),
    });
    const given = { cart: ['a'] };
    expect(storage.create(given).sessionData).to.deep.equal({ cart: ['a', 'added'] });
    expect(given).to.deep.equal({ cart: ['a'] });
  });
});

describe('A schema that answers with a Promise', () => {
  const later = schema<Cart>(async () => ({ value: { cart: [] } }));

  it('is a TypeError at construction that names the data', () => {
    expect(() => bench({ sessionData: later })).to.throw(TypeError, 'sessionData schema must be synchronous');
    expect(() => bench({ userData: later })).to.throw(TypeError, 'userData schema must be synchronous');
  });

  it('is a TypeError at create when it shows only then, and SessionNotFound at get', () => {
    const sometimes = schema<Cart>((value) =>
      'cart' in Object(value) ? Promise.resolve({ value: { cart: [] } }) : { value: { cart: [] } },
    );
    const { storage } = bench({ sessionData: sometimes });
    expect(() => storage.create({ cart: [] })).to.throw(TypeError, 'synchronous');
    const refusal = errorOf(() => storage.get(tokenOf(claims({ sessionData: { cart: [] } }))), SessionNotFound);
    expect([refusal.reason, refusal.cause instanceof TypeError]).to.deep.equal(['invalid_data', true]);
  });

  it('leaves no unhandled rejection behind', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', listener);
    expect(() => bench({ sessionData: schema<Cart>(() => Promise.reject(new Error('later'))) })).to.throw(TypeError);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).to.deep.equal([]);
  });
});

describe('A schema that throws', () => {
  const problem = new RangeError('the schema is broken');
  const throwing = schema<Cart>((value) => {
    if (Object(value).cart === 'throw' || !('cart' in Object(value))) throw problem;
    return { value: { cart: [] } };
  });

  it('does not keep a storage from being made: it may demand more than an empty object', () => {
    expect(bench({ sessionData: throwing }).storage.acceptsEmpty).to.equal(false);
  });

  it('is SessionNotFound with the reason invalid_data and the cause at get (defect 6)', () => {
    const { storage } = bench({ sessionData: throwing });
    const refusal = errorOf(() => storage.get(tokenOf(claims({ sessionData: { cart: 'throw' } }))), SessionNotFound);
    expect([refusal.reason, refusal.cause]).to.deep.equal(['invalid_data', problem]);
  });

  it('throws at create what it threw', () => {
    const { storage } = bench({ sessionData: throwing });
    expect(errorOf(() => storage.create(JSON.parse('{"cart":"throw"}')))).to.equal(problem);
  });
});

describe('A schema for userData', () => {
  const storageOf = () =>
    bench({ userData: z.object({ name: z.string(), role: z.string().default('guest') }) }).storage;

  it('checks and completes it when a token is made', () => {
    const storage = storageOf();
    const session = storage.create();
    session.setUser(JSON.parse('{"_id":"u1","userData":{"name":"Ada"}}'));
    expect(storage.get(session.forClient()).userData).to.deep.equal({ name: 'Ada', role: 'guest' });
    session.userData = JSON.parse('{"name":5}');
    expect(errorOf(() => storage.commit(session), SessionDataInvalid).path).to.equal('userData.name');
  });

  it('is not asked while nobody is signed in', () => {
    const storage = storageOf();
    expect(storage.get(storage.create().forClient()).userData).to.deep.equal({});
    const signedOut = storage.create().setUser('u1', { name: 'Ada', role: 'admin' }).setUser(null);
    expect(storage.get(signedOut.forClient()).userData).to.deep.equal({});
  });

  it('refuses a token whose userData does not fit', () => {
    const sid = tokenOf(claims({ uid: 'u1', userData: {} }));
    expect(errorOf(() => storageOf().get(sid), SessionNotFound).reason).to.equal('invalid_data');
  });
});

describe('migrate', () => {
  const sessionData = z.object({ version: z.literal(2), items: z.array(z.string()) });
  const migrating = (migrate: (old: unknown) => z.infer<typeof sessionData>) => bench({ sessionData, migrate }).storage;
  const old = tokenOf(claims({ sessionData: { cart: ['a'] } }));

  it('makes present data of an older shape, and the token is issued anew without counting as an update', async () => {
    const storage = migrating((data) => ({ version: 2, items: Object(data).cart }));
    const session = storage.get(old);
    expect(session.sessionData).to.deep.equal({ version: 2, items: ['a'] });
    expect(session.isModified).to.equal(true);
    const { lastUpdate } = session;
    const result = await storage.commit(session);
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    const again = storage.get(result.sid);
    expect([again.isModified, again.lastUpdate]).to.deep.equal([false, lastUpdate]);
    expect(again.sessionData).to.deep.equal({ version: 2, items: ['a'] });
  });

  it('is asked only for data that the schema refuses', () => {
    const storage = migrating(() => {
      throw new Error('asked');
    });
    expect(storage.get(storage.create({ version: 2, items: [] }).forClient()).sessionData.items).to.deep.equal([]);
  });

  it('must give what the schema takes', () => {
    const storage = migrating(() => JSON.parse('{"version":3}'));
    expect(errorOf(() => storage.get(old), SessionNotFound).reason).to.equal('invalid_data');
  });

  it('that throws or gives no object makes it SessionNotFound', () => {
    const problem = new Error('cannot');
    const throwing = migrating(() => {
      throw problem;
    });
    expect(errorOf(() => throwing.get(old), SessionNotFound).cause).to.equal(problem);
    expect(errorOf(() => migrating(() => JSON.parse('null')).get(old), SessionNotFound).reason).to.equal(
      'invalid_data',
    );
  });

  it('cannot change what another get of the same token gives', () => {
    let calls = 0;
    const storage = migrating((data) => {
      calls += 1;
      const items: string[] = Object(data).cart;
      items.push(`call ${calls}`);
      return { version: 2, items };
    });
    for (let i = 0; i < 4; i += 1) storage.get(old).sessionData.items.push('mine');
    expect(storage.get(old).sessionData.items).to.have.lengthOf(2);
  });

  it('needs a sessionData schema, or is a TypeError', () => {
    expect(() => new SessionStorage({ jwtSecret: SECRET, migrate: () => ({}) })).to.throw(TypeError, 'migrate');
  });
});

describe('acceptsEmpty', () => {
  it('says whether a session may begin with nothing in it', () => {
    expect(bench().storage.acceptsEmpty).to.equal(true);
    expect(bench({ sessionData: withZod }).storage.acceptsEmpty).to.equal(true);
    expect(bench({ sessionData: handWritten }).storage.acceptsEmpty).to.equal(false);
  });
});
