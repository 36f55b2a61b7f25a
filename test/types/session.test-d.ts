/** Compiled, never run: what the compiler must take and refuse of sessions. */
import { z } from 'zod';
import {
  type ForceInvalidate,
  type RegisteredData,
  type RegisteredUser,
  type Session,
  SessionModel,
  SessionStorage,
} from '../../src/index.js';

/** Whether two types are the same, `any` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when its type argument is `true`. */
declare function holds<Fact extends true>(): Fact;

interface Data {
  cart: string[];
  total?: number;
}

interface User {
  name: string;
  admin: boolean;
}

declare const session: Session<Data, User>;
declare const plain: Session;

// sessionData is typed, and may be changed in place or replaced by the whole type alone.
holds<Same<typeof session.sessionData.cart, string[]>>();
session.sessionData.cart.push('apple');
session.sessionData = { cart: [] };
// @ts-expect-error a cart holds names
session.sessionData.cart.push(5);
// @ts-expect-error there is no such key
session.sessionData.basket;
// @ts-expect-error the cart is missing
session.sessionData = { total: 5 };

// userData is Partial: without a user it is empty.
holds<Same<typeof session.userData, Partial<User>>>();
holds<Same<typeof session.userData.name, string | undefined>>();
session.userData = { name: 'Ada' };
// @ts-expect-error it may be missing
session.userData.name.length;
// @ts-expect-error a name is a string
session.userData = { name: 5 };

// Everything else is read-only.
holds<Same<typeof session.uid, string | undefined>>();
// @ts-expect-error changes by rotate
session.id = 'x';
// @ts-expect-error changes by setUser
session.lineage = 'x';
// @ts-expect-error changes by setUser
session.uid = 'u1';
// @ts-expect-error changes by setUser
session.created = 0;
// @ts-expect-error changes by save
session.lastAccess = 0;
// @ts-expect-error changes by save
session.lastUpdate = 0;
// @ts-expect-error changes by setUser
session.authenticatedAt = 0;
// @ts-expect-error a fact
session.isNew = false;
// @ts-expect-error frozen; assign another
session.info['device'] = 'x';
session.info = { device: 'x' };

// get knows each attribute's type; set takes the two that can be set.
holds<Same<ReturnType<typeof getData>, Data>>();
function getData() {
  return session.get('sessionData');
}
session.get('uid')?.length;
// @ts-expect-error no such attribute
session.get('nothing');
session.set('sessionData', { cart: [] }).set({ userData: { admin: true } });
// @ts-expect-error changes by setUser
session.set('uid', 'u1');
// @ts-expect-error changes by setUser
session.set({ uid: 'u1' });
// @ts-expect-error not the data's type
session.set('sessionData', { cart: [1] });

// setUser in every form.
session.setUser('u1').setUser(1).setUser(1n).setUser(null).setUser(false);
// @ts-expect-error a user that was not found must not sign anybody out
session.setUser(undefined);
session.setUser('u1', { name: 'Ada', admin: false }, { keep: ['cart'] });
session.setUser({ _id: 'u1' }).setUser({ _id: 7, userData: { name: 'Ada', admin: true } }, { keep: [] });
session.setUser({ get: (name: string) => (name === '_id' ? 'u1' : undefined) } as {
  get(name: '_id'): string;
  get(name: 'userData'): undefined;
  get(name: string): unknown;
});
// @ts-expect-error userData must be whole
session.setUser('u1', { name: 'Ada' });
// @ts-expect-error an id is missing
session.setUser({ userData: { name: 'Ada', admin: true } });
// @ts-expect-error no id
session.setUser(true);
// @ts-expect-error keep is a list
session.setUser(null, { keep: 'cart' });

// Methods chain with the session's own type, and update gets the data.
holds<Same<ReturnType<typeof saved>, Session<Data, User>>>();
function saved() {
  return session.save().rotate().setLifetime({ idleTimeout: 5, absoluteTimeout: null, persistent: true });
}
session.update((data) => {
  data.cart.push('apple');
});
// @ts-expect-error no such bound
session.setLifetime({ idle: 5 });
session.forceInvalidate('CurrentSessionId' satisfies ForceInvalidate);
// @ts-expect-error no such way
session.forceInvalidate('All');

// Without types of the application's own, data is any JSON object.
holds<Same<RegisteredData, Record<string, unknown>>>();
holds<Same<RegisteredUser, Record<string, unknown>>>();
holds<Same<typeof plain.sessionData, Record<string, unknown>>>();
// @ts-expect-error unknown
plain.sessionData['cart'].length;

// Sessions come from storages.
// @ts-expect-error abstract
new SessionModel();

// A model of the wider kind is one of the narrower, never the other way round.
session satisfies SessionModel<Data, User>;
// @ts-expect-error another type of data
session satisfies Session<{ other: string }, User>;

// A storage knows its schema: what goes in, and what comes out.
const schema = z.object({ cart: z.array(z.string()).default([]), count: z.coerce.number<string>() });
const storage = new SessionStorage({ jwtSecret: 'x', sessionData: schema, userData: z.object({ name: z.string() }) });
const made = storage.create({ count: '5' });
holds<Same<typeof made.sessionData, { cart: string[]; count: number }>>();
holds<Same<typeof made.userData, { name?: string }>>();
holds<Same<ReturnType<typeof storage.get>, typeof made>>();
storage.create({ cart: ['apple'], count: '5' });
// @ts-expect-error the input is a string
storage.create({ count: 5 });
// @ts-expect-error count is missing
storage.create({});
// @ts-expect-error something must be given
storage.create();
// @ts-expect-error no such key
storage.create({ count: '5', basket: [] });
made.setUser('u1', { name: 'Ada' });
// @ts-expect-error not the user's type
made.setUser('u1', { title: 'Countess' });

// Nothing need be given where nothing is demanded.
new SessionStorage({ jwtSecret: 'x' }).create();
new SessionStorage({ jwtSecret: 'x' }).create({ anything: [1, { at: 'all' }] });
new SessionStorage({ jwtSecret: 'x', sessionData: z.object({ a: z.number().optional() }) }).create();

// Types may be given without a schema, too.
const typed = new SessionStorage<Data, User>({ jwtSecret: 'x' });
typed.create({ cart: [] }).sessionData.cart satisfies string[];
// @ts-expect-error the cart is missing
typed.create();
// @ts-expect-error not the data's type
typed.create({ cart: [5] });
