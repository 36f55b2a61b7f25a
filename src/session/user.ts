import { kindOf } from '../lib/kind-of.js';
import { isUid, LONGEST_UID } from '../lib/uid.js';

/** A user for `setUser`: a Foxx model with `get('_id')` and `get('userData')`. */
export interface UserModel<User> {
  get(name: '_id'): UserId;
  get(name: 'userData'): User | undefined;
  get(name: string): unknown;
}

/** A user for `setUser`: a plain object. */
export interface PlainUser<User> {
  readonly _id: UserId;
  readonly userData?: User;
}

/**
 * The id of a user: a well-formed string of 1 to 255 UTF-16 units without U+0000, a safe integer or a bigint. Numbers
 * are stored as decimal digits.
 */
export type UserId = string | number | bigint;

/** What `setUser` takes. */
export type AnyUser<User> = UserModel<User> | PlainUser<User> | UserId | null | false;

/** @throws TypeError if it is not a valid user id */
export function uidOf(id: unknown): string {
  const uid = typeof id === 'bigint' || Number.isSafeInteger(id) ? String(id) : id;
  if (isUid(uid)) return uid;
  if (typeof id !== 'string')
    throw new TypeError(`a user's id must be a string, a safe integer or a bigint, got ${kindOf(id)}${asText(id)}`);
  throw new TypeError(`a user's id must be a well-formed string of 1 to ${LONGEST_UID} characters without U+0000`);
}

/** Databases have ids of classes of their own, such as ObjectId. */
function asText(id: unknown): string {
  const own: unknown = Reflect.get(Object(id), 'toString');
  return typeof id === 'object' && own !== Object.prototype.toString && own !== undefined
    ? ': pass String(user._id)'
    : '';
}

const refuseData = (): never => {
  throw new TypeError('userData belongs to a user: sign one in with setUser first');
};

/** The userData of nobody: empty, and refuses to be changed. */
export const NOBODYS_DATA: object = new Proxy(Object.freeze({}), { set: refuseData, defineProperty: refuseData });

/** Reads the id and data of a user object or model. @throws TypeError if it is not a valid user */
export function readUser<User>(user: UserModel<User> | PlainUser<User>): { uid: string; userData: User | undefined } {
  if ('get' in user && typeof user.get === 'function') {
    return { uid: uidOf(user.get('_id')), userData: user.get('userData') };
  }
  if (!('_id' in user)) {
    if ('id' in user)
      throw new TypeError(
        'setUser: an object needs _id: call setUser(user.id, userData), or write { _id: user.id, userData: { ... } }',
      );
    throw new TypeError('setUser: expected an id, { _id, userData }, a model with get(name), or null to sign out');
  }
  const other = Object.keys(user).find((name) => name !== '_id' && name !== 'userData');
  if (other !== undefined) {
    throw new TypeError(
      `setUser: unknown property ${JSON.stringify(other)}: put what the session keeps about its user in userData, as { _id, userData: { ... } }`,
    );
  }
  return { uid: uidOf(user._id), userData: user.userData };
}
