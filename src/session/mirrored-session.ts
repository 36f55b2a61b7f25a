import { ServerSession } from './server-session.js';

/**
 * The class of sessions that show one top-level key of their sessionData as a property of their own, where code written for
 * express-session, such as Passport's (`req.session.passport`), looks for it.
 */
export function mirroredSession(key: string): typeof ServerSession {
  if (key in ServerSession.prototype) return ServerSession;
  class MirroredSession<Data, User> extends ServerSession<Data, User> {}
  Object.defineProperty(MirroredSession, 'name', { value: ServerSession.name });
  const property: PropertyDescriptor & ThisType<ServerSession> = {
    configurable: true,
    enumerable: true,
    get() {
      return Reflect.get(this.sessionData, key);
    },
    set(value: unknown) {
      Reflect.set(this.sessionData, key, value);
    },
  };
  Object.defineProperty(MirroredSession.prototype, key, property);
  return MirroredSession;
}
