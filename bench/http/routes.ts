import { randomBytes } from 'node:crypto';
import type { Express, Response } from 'express';
import type { ServerSession, Session, SessionSource } from '../../src/index.js';
import { activateSessions } from '../packages.js';
import { type SampleData, type SampleUser, sampleData, sampleUser } from '../token/sample-session.js';

/** What sessions of the peers hold: the same as ours. */
export interface PeerSession extends Partial<SampleData> {
  uid?: string;
  userData?: SampleUser;
}

let signIns = 0;
let changes = 0;

export function answer(response: Response, uid: string | undefined, items: number | undefined): void {
  response.json({ uid, items });
}

export function fill<Kind extends PeerSession>(session: Kind): Kind {
  signIns += 1;
  return Object.assign(session, { uid: `user-${signIns}`, userData: sampleUser(signIns), ...sampleData(signIns) });
}

/** Writes one key. */
export function change<Data extends { change?: number }>(data: Data): Data {
  changes += 1;
  data.change = changes;
  return data;
}

/** Past our own declaration of `request.session`. */
function peerSessionOf(request: object): PeerSession {
  return Reflect.get(request, 'session');
}

export function peerRoutes(app: Express): void {
  app.post('/sign-in', (request, response) => {
    fill(peerSessionOf(request));
    response.json({});
  });
  app.get('/', (request, response) => {
    const { uid, cart } = peerSessionOf(request);
    answer(response, uid, cart?.length);
  });
  app.post('/change', (request, response) => {
    const { uid, cart } = change(peerSessionOf(request));
    answer(response, uid, cart?.length);
  });
}

/** Sessions of either kind of our storages. */
export type OurSession = ServerSession<SampleData, SampleUser> | Session<SampleData, SampleUser>;

export function ourRoutes<Kind extends OurSession>(app: Express, sessionStorage: SessionSource<Kind>): void {
  const sessions = activateSessions({ sessionStorage, cookie: true });
  app.use(sessions);
  app.post('/sign-in', (request, response) => {
    signIn(sessions.of(request));
    response.json({});
  });
  app.get('/', (request, response) => {
    const { uid, sessionData } = sessions.of(request);
    answer(response, uid, sessionData.cart.length);
  });
  app.post('/change', (request, response) => {
    const { uid, sessionData } = sessions.of(request);
    answer(response, uid, change(sessionData).cart.length);
  });
}

/** Begins one of our sessions, with what those of the peers have. */
export function signIn(session: OurSession): void {
  signIns += 1;
  session.setUser(`user-${signIns}`, sampleUser(signIns));
  session.sessionData = sampleData(signIns);
}

/** For iron-session. */
export function ironOptions() {
  return { password: secret(), cookieName: 'sid', cookieOptions: { secure: false } };
}

export function secret(): string {
  return randomBytes(64).toString('base64url');
}
