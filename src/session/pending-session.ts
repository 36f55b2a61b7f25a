import { ServerSession } from './server-session.js';
import { SessionModel } from './session.js';

const PENDING: object = Object.create(Promise.prototype, Object.fromEntries(memberNames().map(unawaited)));

/** Makes the members of a session on `promise` throw a TypeError that says that the promise was not awaited. */
export function pendingSession<Value>(promise: Promise<Value>): Promise<Value> {
  Object.setPrototypeOf(promise, PENDING);
  return promise;
}

function memberNames(): string[] {
  const members = [SessionModel.prototype, ServerSession.prototype].flatMap((each) => Object.getOwnPropertyNames(each));
  return members.filter((name) => name !== 'constructor' && name !== 'then');
}

function unawaited(name: string): [string, PropertyDescriptor] {
  const refuse = (): never => {
    throw new TypeError(`${name}: this is a Promise of a session: await storage.create() or storage.get() first`);
  };
  return [name, { get: refuse, set: refuse }];
}
