import { SessionEnded, SessionNotFound } from '../errors.js';
import { SessionModel } from '../session/session.js';
import { factsOf, type SessionFacts } from '../storage/events.js';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { CommitResult, OpenedSession, SessionSource } from '../storage/session-source.js';
import type { Exchange, Incoming } from './exchange.js';
import { forbidStoring, varyOn } from './hygiene.js';
import type { CookieTransport } from './transports/cookie.js';
import type { HeaderTransport } from './transports/header.js';
import { CANDIDATE_LIMIT, type Transport } from './transports/transport.js';

/** The ways that sids travel; at least one. */
export interface Transports {
  readonly cookie: CookieTransport | undefined;
  readonly header: HeaderTransport | undefined;
}

/** When a request without a session gets one: once it puts something in it, at once, or not at all. */
export type CreatePolicy = 'lazy' | 'eager' | 'never';

/** One request's session, between opening and commit. */
export interface Visit<Kind> {
  /** `undefined` when there is none and none was made. */
  session: Kind | undefined;
  /** How the request carried a sid; `undefined` when it carried none. */
  readonly via: Transport | undefined;
  /** The session that the request's sid opened, as it was then. */
  readonly opened: SessionFacts | undefined;
  /** Two different valid sessions came at once: the cookie is cleared, and nothing issued. */
  readonly isAmbiguous: boolean;
  /** Nothing is sent for this request, whatever it does with its session. */
  readonly isWithheld: boolean;
  /** Whether the application looked at the session, so that the response depends on it. */
  isRead: boolean;
}

/** What one sid came to. */
type Found<Kind> = Kind | SessionNotFound;

/** Opens a request's session and settles it before the response's head goes out. Knows no framework. */
export class Lifecycle<Kind extends OpenedSession> {
  readonly #source: SessionSource<Kind>;
  readonly #transports: Transports;
  readonly #create: CreatePolicy;
  readonly #all: readonly Transport[];
  readonly #varyOn: readonly string[];

  constructor(source: SessionSource<Kind>, transports: Transports, create: CreatePolicy) {
    this.#source = source;
    this.#transports = transports;
    this.#create = create;
    this.#all = [transports.cookie, transports.header].filter((transport) => transport !== undefined);
    this.#varyOn = this.#all.map((transport) => transport.varyOn);
  }

  /**
   * The session of a request. `passive`: it does not count as activity. A bad sid is no session; `OPTIONS` opens nothing.
   * @throws StoreUnavailable when sessions cannot be judged now
   */
  open(request: Incoming, passive: boolean): Visit<Kind> | Promise<Visit<Kind>> {
    if (request.method === 'OPTIONS') return this.#withholding(undefined);
    const { via, sids } = this.#sidsOf(request);
    if (sids.length === 0) return this.#visiting(via, this.#fresh());
    const found = passive ? this.#lookUp(sids, false) : this.#lookUpAndTouch(sids);
    return andThen(found, (results) => this.#decide(via, results));
  }

  /** The session of a request, only to look at: nothing is touched, made or sent. @throws StoreUnavailable */
  async read(request: Incoming): Promise<Kind | undefined> {
    const found = await this.#lookUp(this.#sidsOf(request).sids, false);
    const sessions = distinct(found);
    return isSuspicious(found, sessions) ? undefined : sessions[0];
  }

  /**
   * Takes a session that the application made, for a request that has none (`create: 'never'`).
   * @throws TypeError when it has one, or this is none @throws SessionEnded when nothing may be sent for this request
   */
  adopt(visit: Visit<Kind>, session: Kind): void {
    if (!(session instanceof SessionModel)) {
      throw new TypeError(
        session === null || session === undefined
          ? `${session} cannot be assigned as a session: call revoke() on the session to end it`
          : 'only a session can be assigned: make one with create() of the storage, or change sessionData of the one there is',
      );
    }
    if (visit.session !== undefined) {
      throw new TypeError(
        "the request has a session already: change its sessionData, or call revoke() on it; only with create: 'never' can one be assigned, to a request that has none",
      );
    }
    if (visit.isWithheld) throw new SessionEnded(SUPERSEDED);
    visit.session = session;
  }

  /**
   * Settles the session and puts what came of it on the response.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable; then nothing was set
   */
  commit(exchange: Exchange, visit: Visit<Kind>): void | Promise<void> {
    if (visit.isAmbiguous) return this.#apply(exchange, visit, { outcome: 'ended' });
    if (visit.session === undefined) return this.#apply(exchange, visit, { outcome: 'unchanged' });
    const result = this.#source.commit(visit.session, {
      eager: this.#create === 'eager' && (visit.via !== undefined || !isFromElsewhere(exchange)),
      assertFits: (sid) => {
        for (const transport of this.#carriers(visit)) transport.assertFits(exchange, sid);
      },
    });
    return andThen(result, (settled) => this.#apply(exchange, visit, settled));
  }

  #apply(exchange: Exchange, visit: Visit<Kind>, result: CommitResult): void {
    const { outcome } = result;
    if (outcome === 'issued') {
      const { sid, expires, persistent } = result;
      const life = { expires, persistent, now: this.#source.clock.now() };
      for (const transport of this.#carriers(visit)) transport.send(exchange, sid, life);
    }
    // A request without a sid has none to clear, but the browser that sent it may: it leaves cookies out of what other sites ask.
    const isCleared = outcome === 'ended' && visit.via !== undefined;
    if (isCleared) this.#clear(exchange, visit);
    const isCredentialSent = outcome === 'issued' || isCleared;
    if (isCredentialSent) forbidStoring(exchange);
    if (isCredentialSent || visit.isRead) varyOn(exchange, this.#varyOn);
  }

  #clear(exchange: Exchange, { opened, isAmbiguous }: Visit<Kind>): void {
    for (const transport of this.#all) transport.clear(exchange);
    this.#source.events.emit('cleared', { ...opened, reason: isAmbiguous ? 'suspicious' : 'ended' });
  }

  /** A request with the header is judged by the header alone (SECURITY.md, cookies and headers). */
  #sidsOf(request: Incoming): { readonly via: Transport | undefined; readonly sids: readonly string[] } {
    const { cookie, header } = this.#transports;
    const byHeader = header?.readSids(request);
    if (byHeader !== undefined) return { via: header, sids: byHeader };
    const byCookie = cookie?.readSids(request);
    return { via: byCookie === undefined ? undefined : cookie, sids: byCookie ?? [] };
  }

  #lookUp(sids: readonly string[], touch: boolean): Found<Kind>[] | Promise<Found<Kind>[]> {
    const found = sids.map((sid) => this.#lookUpOne(sid, touch));
    return found.every(isSettled) ? found : Promise.all(found);
  }

  /** Touched, all copies of a session would look equally new: of several sids, the one that counts is touched last. */
  #lookUpAndTouch(sids: readonly string[]): Found<Kind>[] | Promise<Found<Kind>[]> {
    if (sids.length === 1) return this.#lookUp(sids, true);
    return andThen(this.#lookUp(sids, false), (found) => {
      const sessions = distinct(found);
      const [newest] = isSuspicious(found, sessions) ? [] : sessions;
      const sid = newest && sids[found.indexOf(newest)];
      if (sid === undefined) return found;
      return andThen(this.#lookUpOne(sid, true), (touched) => found.map((one) => (one === newest ? touched : one)));
    });
  }

  #lookUpOne(sid: string, touch: boolean): Found<Kind> | Promise<Found<Kind>> {
    try {
      const session = this.#source.get(sid, { touch });
      return session instanceof Promise ? session.catch(notFoundOrThrow) : session;
    } catch (error) {
      return notFoundOrThrow(error);
    }
  }

  #decide(via: Transport | undefined, found: readonly Found<Kind>[]): Visit<Kind> {
    const sessions = distinct(found);
    if (isSuspicious(found, sessions)) {
      this.#source.events.emit('suspicious', { sessions: sessions.map(factsOf) });
      return this.#withholding(via, true);
    }
    const isHandedOver = found.some((one) => one instanceof SessionNotFound && this.#mayHaveNewer(one, via));
    if (sessions[0] === undefined && isHandedOver) return this.#withholding(via);
    return this.#visiting(via, sessions[0] ?? this.#fresh(), sessions[0] && factsOf(sessions[0]));
  }

  /**
   * Whether a newer credential may be on its way to this client. After a sign-out that is so for a cookie alone, which the
   * next response would overwrite; by header a client sends what it means to send.
   */
  #mayHaveNewer({ withinGrace, reason }: SessionNotFound, via: Transport | undefined): boolean {
    return withinGrace && (reason === SUPERSEDED || via === this.#transports.cookie);
  }

  #visiting(via: Transport | undefined, session: Kind | undefined, opened?: SessionFacts): Visit<Kind> {
    return { session, via, opened, isAmbiguous: false, isWithheld: false, isRead: false };
  }

  #fresh(): Kind | undefined {
    return this.#create === 'never' ? undefined : this.#source.blank();
  }

  /** Something to read for a request that may hold a session but gets none. */
  #withholding(via: Transport | undefined, isAmbiguous = false): Visit<Kind> {
    const session = this.#create === 'never' ? undefined : this.#source.blank({ withheld: true });
    return { session, via, opened: undefined, isAmbiguous, isWithheld: true, isRead: false };
  }

  /** What carries a sid to the client: what it used itself, else the cookie, and the header if there is no other or it announces. */
  #carriers({ via }: Visit<Kind>): readonly Transport[] {
    const { cookie, header } = this.#transports;
    if (via !== undefined) return [via];
    return [cookie, cookie === undefined || header?.announce ? header : undefined].filter((one) => one !== undefined);
  }
}

/**
 * Whether a page of another site made the browser ask. Such a request may come without the cookie that the browser has
 * (SameSite), and a new session that nobody asked for would take its place.
 */
function isFromElsewhere(request: Incoming): boolean {
  const site = request.requestHeader('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}

/** The same session twice counts once, by its newest copy. */
function distinct<Kind extends OpenedSession>(found: readonly Found<Kind>[]): Kind[] {
  const newest = new Map<string, Kind>();
  for (const one of found) {
    if (one instanceof SessionNotFound) continue;
    const known = newest.get(one.lineage);
    if (known === undefined || isNewer(one, known)) newest.set(one.lineage, one);
  }
  return [...newest.values()];
}

function isNewer(one: OpenedSession, other: OpenedSession): boolean {
  const isReplaced = one.isReplaced ?? false;
  return isReplaced === (other.isReplaced ?? false) ? one.lastAccess > other.lastAccess : !isReplaced;
}

function isSuspicious(found: readonly unknown[], sessions: readonly unknown[]): boolean {
  return sessions.length > 1 || found.length > CANDIDATE_LIMIT;
}

function isSettled<Value>(value: Value | Promise<Value>): value is Value {
  return !(value instanceof Promise);
}

function andThen<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function notFoundOrThrow(error: unknown): SessionNotFound {
  if (error instanceof SessionNotFound) return error;
  throw error;
}
