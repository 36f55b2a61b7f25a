import assert from 'node:assert/strict';
import type { AdapterApp, AdapterCall, AdapterSession } from '../adapter-app.js';

export type Routes = AdapterApp['routes'];

/** The session of a call that must have one. */
export function sessionOf(call: AdapterCall, property?: string): AdapterSession {
  const session = call.session(property);
  assert.ok(session, 'the request has no session');
  return session;
}

/** What every application of the cases answers. */
export const ROUTES: Routes = {
  '/plain': () => ({ text: 'hello' }),
  '/look': (call) => {
    const session = call.session();
    return { json: { uid: session?.uid ?? null, count: session?.sessionData.count ?? 0 } };
  },
  '/count': (call) => {
    const { sessionData } = sessionOf(call);
    sessionData.count = (sessionData.count ?? 0) + 1;
    return { json: { count: sessionData.count } };
  },
  '/sign-in': (call) => {
    sessionOf(call).setUser(call.query('user'));
    return { json: {} };
  },
  '/sign-out': (call) => {
    sessionOf(call).revoke();
    return { json: {} };
  },
  '/rotate': (call) => {
    sessionOf(call).rotate();
    return { json: {} };
  },
};
