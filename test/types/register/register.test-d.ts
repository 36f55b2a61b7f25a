/**
 * Compiled, never run: `tsc -p test/types/register`. An application says its types once, by merging the interface that '.'
 * exports by name. What is registered holds for a whole program, so this is one of its own, which the main one leaves out.
 */
import {
  type Register,
  type RegisteredData,
  type RegisteredUser,
  type Session,
  type SessionModel,
  SessionStorage,
} from 'sessions-jwt';

declare module 'sessions-jwt' {
  interface Register {
    data: { cart: string[] };
    user: { name: string };
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare function holds<Fact extends true>(): Fact;
declare const session: Session;
declare const model: SessionModel;

holds<Same<Register['data'], { cart: string[] }>>();
holds<Same<RegisteredData, { cart: string[] }>>();
holds<Same<RegisteredUser, { name: string }>>();
holds<Same<typeof session.sessionData.cart, string[]>>();
holds<Same<typeof session.userData, { name?: string }>>();
holds<Same<typeof model.sessionData, { cart: string[] }>>();

// A storage without types of its own has the registered ones, and demands them.
const storage = new SessionStorage({ jwtSecret: 'x' });
storage.create({ cart: ['apple'] }).setUser('u1', { name: 'Ada' });
storage.get('x').sessionData.cart satisfies string[];
// @ts-expect-error the cart is missing
storage.create({});
// @ts-expect-error the cart is missing
storage.create();
// @ts-expect-error a cart holds names
storage.create({ cart: [5] });
// @ts-expect-error a name is a string
storage.create({ cart: [] }).setUser('u1', { name: 5 });
// @ts-expect-error there is no such key
session.sessionData.basket;

// Types of its own come before them.
new SessionStorage<{ own: number }>({ jwtSecret: 'x' }).create({ own: 1 }).sessionData.own satisfies number;
