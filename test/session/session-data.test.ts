import { expect } from 'chai';
import { SessionDataInvalid } from '../../src/index.js';
import { SessionData } from '../../src/session/session-data.js';
import { bench } from '../support/sessions.js';

/** Data that tells whether anybody so much as looked at it. */
function watched(data: object): { readonly data: object; looks: number } {
  const watch = { looks: 0, data };
  const look = (): void => {
    watch.looks += 1;
  };
  watch.data = new Proxy(data, {
    get: (target, key) => {
      look();
      return Reflect.get(target, key);
    },
    ownKeys: (target) => {
      look();
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor: (target, key) => {
      look();
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    getPrototypeOf: (target) => {
      look();
      return Reflect.getPrototypeOf(target);
    },
  });
  return watch;
}

const refuse = (): never => {
  throw new Error('checked, although nobody touched it');
};

describe('SessionData that nobody touched', () => {
  it('is neither read nor copied nor compared', () => {
    const watch = watched({ cart: [1] });
    const data = new SessionData('sessionData', watch.data);
    expect(data.isModified).to.equal(false);
    expect(data.checked(refuse, true)).to.equal(watch.data);
    expect(watch.looks).to.equal(0);
  });

  it('is not judged by the schema again at commit, also when the token is renewed', async () => {
    let judged = 0;
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => {
          judged += 1;
          return { value: Object(value) };
        },
      },
    } as const;
    const { clock, storage } = bench({ sessionData: schema });
    const sid = storage.create({ a: 1 }).forClient();
    clock.advance(3_600_000);
    const session = storage.get(sid);
    judged = 0;
    expect(await storage.commit(session)).to.have.property('outcome', 'issued');
    expect(judged).to.equal(0);
    session.sessionData['a'] = 2;
    await storage.commit(session);
    expect(judged).to.equal(1);
  });
});

describe('SessionData', () => {
  it('gives the same object each time, until it is replaced', () => {
    const data = new SessionData('sessionData', { a: 1 });
    const first = data.value;
    expect(data.value).to.equal(first);
    data.replace({ a: 2 });
    expect(data.value).to.deep.equal({ a: 2 }).and.not.equal(first);
  });

  it('keeps what was loaded apart from the copy', () => {
    const loaded = { cart: [1] };
    new SessionData('sessionData', loaded).value.cart.push(2);
    expect(loaded).to.deep.equal({ cart: [1] });
  });

  const changes: readonly [string, (data: Record<string, unknown>) => void, boolean][] = [
    ['nothing', () => undefined, false],
    ['another value', (data) => Object.assign(data, { a: 2 }), true],
    ['the same value set again', (data) => Object.assign(data, { a: 1 }), false],
    ['a value changed and set back', (data) => Object.assign(data, { a: 2 }, { a: 1 }), false],
    ['an equal object in place of another', (data) => Object.assign(data, { b: { c: [1, 2] } }), false],
    ['a change further in', (data) => Object.assign(Object(data['b']), { c: [1, 3] }), true],
    ['an item appended further in', (data) => Object(data['b']).c.push(3), true],
    ['a key added', (data) => Object.assign(data, { z: null }), true],
    ['a key added as undefined', (data) => Object.assign(data, { z: undefined }), false],
    ['a key deleted', (data) => Reflect.deleteProperty(data, 'a'), true],
    ['a key set to undefined', (data) => Object.assign(data, { a: undefined }), true],
    ['a key further in set to undefined', (data) => Object.assign(Object(data['b']), { c: undefined }), true],
    ['1 in place of "1"', (data) => Object.assign(data, { a: '1' }), true],
    ['-0 in place of 0', (data) => Object.assign(data, { n: -0 }), false],
    [
      'top-level keys in another order',
      (data) => {
        const { a } = data;
        Reflect.deleteProperty(data, 'a');
        data['a'] = a;
      },
      false,
    ],
  ];
  for (const [what, change, expected] of changes) {
    it(`says ${expected ? 'modified' : 'unmodified'} after ${what}`, () => {
      const data = new SessionData<Record<string, unknown>>('sessionData', { a: 1, b: { c: [1, 2] }, n: 0 });
      change(data.value);
      expect(data.isModified).to.equal(expected);
    });

    it(`says ${expected ? 'modified' : 'unmodified'} after ${what}, through a token too`, () => {
      const { storage } = bench();
      const session = storage.get(storage.create({ a: 1, b: { c: [1, 2] }, n: 0 }).forClient());
      change(session.sessionData);
      expect(session.isModified).to.equal(expected);
    });
  }

  it('says unmodified when equal data is assigned', () => {
    const data = new SessionData('sessionData', { a: 1, b: 2 });
    data.replace({ b: 2, a: 1 });
    expect(data.isModified).to.equal(false);
  });

  it('refuses to compare what JSON cannot carry, naming the path', () => {
    const data = new SessionData<Record<string, unknown>>('userData', {});
    data.value['at'] = new Date();
    expect(() => data.isModified).to.throw(SessionDataInvalid, 'userData.at');
  });

  it('keeps the data it had when a replacement is refused', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', { a: 1 });
    expect(() => data.replace({ a: 1n })).to.throw(SessionDataInvalid);
    expect(data.value).to.deep.equal({ a: 1 });
  });

  it('keeps only the named keys', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', { a: 1, b: 2 });
    data.keepOnly(['b', 'c']);
    expect(data.value).to.deep.equal({ b: 2 });
    expect(data.isModified).to.equal(true);
  });

  it('takes just the kept keys from what others stored meanwhile, and loses nothing that was put in since', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', { cart: 1, draft: 1, note: 1 });
    data.keepOnly(['cart', 'coupon']);
    data.value['welcome'] = true;
    data.value['note'] = 1;
    expect(data.rebase({ cart: 2, draft: 2, note: 2, coupon: 'x', more: 3 })).to.deep.equal([]);
    expect(data.value).to.deep.equal({ cart: 2, coupon: 'x', note: 1, welcome: true });
    expect(data.isModified).to.equal(true);
  });

  it('keeps what the application changed, even where others did the same before they changed it again', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', { cart: 0, draft: 0 });
    data.value['cart'] = 1;
    delete data.value['draft'];
    expect(data.rebase({ cart: 1 })).to.deep.equal([]);
    expect(data.rebase({ cart: 2, draft: 2, note: 2 })).to.have.members(['cart', 'draft']);
    expect(data.value).to.deep.equal({ cart: 1, note: 2 });
    data.settle({ cart: 1, note: 2 });
    expect(data.rebase({ cart: 3, note: 2 })).to.deep.equal([]);
    expect(data.value).to.deep.equal({ cart: 3, note: 2 });
  });

  it('is unmodified once what was written counts as loaded, and keeps the copy', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', { a: 1 });
    const copy = data.value;
    copy['a'] = 2;
    data.settle(data.checked((value) => ({ ...value }), true));
    expect(data.isModified).to.equal(false);
    expect(data.value).to.equal(copy);
    copy['a'] = 1;
    expect(data.isModified).to.equal(true);
  });

  it('is empty when every property is undefined, touched or not', () => {
    const data = new SessionData<Record<string, unknown>>('sessionData', {});
    expect(data.isEmpty).to.equal(true);
    data.value['a'] = undefined;
    expect(data.isEmpty).to.equal(true);
    data.value['a'] = false;
    expect(data.isEmpty).to.equal(false);
    expect(new SessionData('sessionData', { a: 1 }).isEmpty).to.equal(false);
  });
});

describe('Session data that JSON cannot carry', () => {
  it('is refused by create, by assignment, and after a change in place by commit and forClient', () => {
    const { storage } = bench();
    const bad = { cart: [{ at: new Date() }] };
    expect(() => storage.create(bad)).to.throw(SessionDataInvalid, 'sessionData.cart[0].at');
    const session = storage.create();
    expect(() => session.set('sessionData', bad)).to.throw(SessionDataInvalid, 'sessionData.cart[0].at');
    session.sessionData['cart'] = bad.cart;
    expect(() => session.forClient()).to.throw(SessionDataInvalid, 'sessionData.cart[0].at');
    expect(() => storage.commit(session)).to.throw(SessionDataInvalid, 'sessionData.cart[0].at');
  });

  it('leaves a session that can be committed once the data is mended', () => {
    const { storage } = bench();
    const session = storage.create();
    session.sessionData['n'] = Number.NaN;
    expect(() => storage.commit(session)).to.throw(SessionDataInvalid);
    session.sessionData['n'] = 1;
    expect(storage.get(session.forClient()).sessionData).to.deep.equal({ n: 1 });
  });
});
