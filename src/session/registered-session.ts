import type { RegisteredKind } from './register.js';
import type { ServerSession } from './server-session.js';
import type { Session } from './token-session.js';

/** The class of the session that requests have, by `Register`. */
export type RegisteredSession = RegisteredKind extends 'server' ? ServerSession : Session;
