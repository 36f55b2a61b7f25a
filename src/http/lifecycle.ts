import { SessionEnded, SessionHeadSent, SessionNotFound } from '../errors.js';
import { INSTANCE_HEADER, isInstanceId } from '../lib/instance-id.js';
import { isSession } from '../session/is-session.js';
import { isWithheld, type Withheld } from '../session/session-state.js';
import { factsOf, type SessionFacts } from '../storage/events.js';
import { SUPERSEDED } from '../storage/revocation/reasons.js';
import type { CommitOptions, CommitResult, OpenedSession, SessionSource } from '../storage/session-source.js';
import type { Exchange, Incoming } from './exchange.js';
import { isFromElsewhere, isUnasked } from './fetch-metadata.js';
import { distinct, type Found, isMissing, isSuspicious } from './found-sessions.js';
import { forbidSharing, forbidStoring, varyOn } from './hygiene.js';
import type { IdentityCookie } from './identity-cookie.js';
import { LateChanges } from './late-changes.js';
import type { CookieTransport } from './transports/cookie.js';
import type { HeaderTransport } from './transports/header.js';
import type { Transport } from './transports/transport.js';
import type { Visit } from './visit.js';

/** How sids travel; at least one is set. */
export interface Transports {
  readonly cookie: CookieTransport | undefined;
  readonly header: HeaderTransport | undefined;
}

/** When a request without a session gets one: once it has data or a user, at once, or never. */
export type CreatePolicy = 'lazy' | 'eager' | 'never';

const NOT_FOR_THIS_REQUEST =
  'no session can be assigned to this request: its method is OPTIONS, csrf.exempt names it, its sid was just replaced, or it has two different ones';

/** Why and how nothing is sent for a request. */
type Withholding = Partial<Pick<Visit<OpenedSession>, 'withheld' | 'undecided' | 'isAmbiguous'>>;

const NONE: readonly string[] = [];

/** Opens a request's session, and commits it before the response's head is sent. Independent of frameworks. */
export class Lifecycle<Kind extends OpenedSession> {
  readonly #source: SessionSource<Kind>;
  readonly #transports: Transports;
  readonly #create: CreatePolicy;
  readonly #identity: IdentityCookie | undefined;
  readonly #all: readonly Transport[];
  readonly #varyOn: readonly string[];

  constructor(source: SessionSource<Kind>, transports: Transports, create: CreatePolicy, identity?: IdentityCookie) {
    this.#source = source;
    this.#transports = transports;
    this.#create = create;
    this.#identity = identity;
    this.#all = [transports.cookie, transports.header].filter((transport) => transport !== undefined);
    this.#varyOn = this.#all.map((transport) => transport.varyOn);
  }

  /**
   * Opens the session of a request. A bad sid counts as none. `OPTIONS` opens nothing.
   * @param passive whether the request does not count as activity
   * @param refusal thrown unless the session header, which other sites cannot send, opens a session
   * @throws StoreUnavailable
   */
  open(exchange: Exchange, passive: boolean, refusal?: Error): Visit<Kind> | Promise<Visit<Kind>> {
    if (exchange.method === 'OPTIONS') return this.#withholding(exchange, undefined);
    const { via, sids } = this.#sidsOf(exchange);
    if (refusal === undefined) return this.#open(exchange, passive, via, sids);
    if (via === undefined || via !== this.#transports.header) throw refusal;
    return andThen(this.#open(exchange, passive, via, sids), (visit) => {
      if (visit.opened === undefined) throw refusal;
      return visit;
    });
  }

  #open(
    exchange: Exchange,
    passive: boolean,
    via: Transport | undefined,
    sids: readonly string[],
  ): Visit<Kind> | Promise<Visit<Kind>> {
    const [sid] = sids;
    if (sid === undefined) return this.#visiting(exchange, via, this.#fresh());
    const isActivity = !(passive || isUnasked(exchange));
    const now = this.#moment();
    const begin = (visit: Visit<Kind>): Visit<Kind> => {
      if (isActivity) visit.activeSince = now;
      if (visit.opened !== undefined) this.#announce(exchange, visit.opened, !isActivity);
      return visit;
    };
    if (sids.length > 1) {
      const found = isActivity ? this.#lookUpAndTouch(sids) : this.#lookUp(sids, false);
      return andThen(found, (results) => begin(this.#decide(exchange, via, results)));
    }
    const found = this.#lookUpOne(sid, isActivity);
    return found instanceof Promise
      ? found.then((one) => begin(this.#decideOne(exchange, via, one)))
      : begin(this.#decideOne(exchange, via, found));
  }

  /** Asked for by few, and it comes with every request. */
  #announce(exchange: Exchange, opened: SessionFacts, passive: boolean): void {
    const { events } = this.#source;
    if (!events.isHeard('accessed')) return;
    const named = exchange.requestHeader(INSTANCE_HEADER);
    events.emit('accessed', { ...opened, instance: isInstanceId(named) ? named : undefined, passive });
  }

  /** For a request whose session could not be opened: an empty session that is nobody's, and is neither stored nor sent. */
  unopened(exchange: Exchange): Visit<Kind> {
    return this.#withholding(exchange, undefined);
  }

  /** Reads the session of a request. Creates, changes and sends nothing. @throws StoreUnavailable */
  async read(request: Incoming): Promise<Kind | undefined> {
    const found = await this.#lookUp(this.#sidsOf(request).sids, false);
    const sessions = distinct(found);
    return isSuspicious(found, sessions) ? undefined : sessions[0];
  }

  /**
   * Makes a session of the application that of a request without one (`create: 'never'`).
   * @throws TypeError if the request has one, or `session` is not a session
   * @throws SessionEnded if nothing may be sent for this request
   */
  adopt(visit: Visit<Kind>, session: Kind): void {
    if (!isSession(session)) {
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
    if (visit.withheld === 'yes') throw new SessionEnded(SUPERSEDED, NOT_FOR_THIS_REQUEST);
    if (visit.isSealed) throw new SessionHeadSent('assigning a session', 'assign it before the response begins');
    session.withhold(visit.withheld);
    visit.session = session;
    visit.late = new LateChanges(this.#source, visit.exchange.ending, session);
    visit.late.used();
  }

  /**
   * Commits the session, and sets the response headers for the result.
   * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable; then no header was set
   */
  commit(exchange: Exchange, visit: Visit<Kind>): void | Promise<void> {
    const begun = this.#moment();
    if (visit.isAmbiguous) {
      this.forgo(visit);
      return this.#apply(exchange, visit, { outcome: 'ended' }, begun);
    }
    if (visit.session === undefined) {
      this.forgo(visit);
      return this.#apply(exchange, visit, { outcome: visit.withheld === 'no' ? 'unchanged' : 'withheld' }, begun);
    }
    const settled = this.#settle(exchange, visit, visit.session);
    return settled instanceof Promise
      ? settled.then((result) => this.#conclude(exchange, visit, result, begun))
      : this.#conclude(exchange, visit, settled, begun);
  }

  #conclude(
    exchange: Exchange,
    visit: Visit<Kind>,
    settled: CommitResult,
    begun: number | undefined,
  ): void | Promise<void> {
    const isReplaced = settled.outcome === 'issued' || settled.outcome === 'ended';
    if (!isReplaced || visit.undecided.length === 0) return this.#apply(exchange, visit, settled, begun);
    const ending = Promise.all(visit.undecided.map((sid) => this.#source.endUndecided(sid)));
    return ending.then(() => this.#apply(exchange, visit, settled, begun));
  }

  #settle(exchange: Exchange, visit: Visit<Kind>, session: Kind): CommitResult | Promise<CommitResult> {
    try {
      const options: CommitOptions = {
        eager: this.#isEager(exchange, visit.via),
        assertFits: (sid) => {
          for (const transport of this.#carriers(visit)) transport.assertFits(exchange, sid);
        },
      };
      const result = this.#source.commitNow?.(session, options) ?? this.#source.commit(session, options);
      if (result instanceof Promise) visit.late?.committing(result);
      return result;
    } catch (error) {
      visit.late?.giveUp();
      throw error;
    } finally {
      // Changes from here on are not part of it.
      this.forgo(visit);
    }
  }

  /** The lineage of the session that a commit would leave the client with, as the session is now; `undefined` for none. */
  lineageToSend({ exchange, session, opened, via, withheld }: Visit<Kind>): string | undefined {
    if (session === undefined || session.isEnded) return undefined;
    if (isWithheld({ withheld, uid: session.uid, revoked: undefined })) return undefined;
    const isIssued = opened !== undefined || session.isUnused === false || this.#isEager(exchange, via);
    return isIssued ? session.lineage : undefined;
  }

  /** Whether a new session is sent although it is empty. */
  #isEager(exchange: Exchange, via: Transport | undefined): boolean {
    return this.#create === 'eager' && (via !== undefined || !isFromElsewhere(exchange));
  }

  /** Instead of `commit`, for a response that can carry no credential, such as that of an upgrade. */
  forgo(visit: Visit<Kind>): void {
    visit.isSealed = true;
    visit.session?.seal();
  }

  #apply(exchange: Exchange, visit: Visit<Kind>, result: CommitResult, begun: number | undefined): void {
    const { outcome } = result;
    visit.outcome = outcome;
    if (outcome === 'withheld') visit.late?.giveUp();
    if (outcome === 'issued') {
      const { sid, expires, persistent } = result;
      const isRenewal = visit.opened !== undefined && visit.opened.id === visit.session?.id;
      const life = { expires, persistent, now: this.#source.clock.now(), isRenewal };
      for (const transport of this.#carriers(visit)) transport.send(exchange, sid, life);
    }
    // Without a sid in the request there is nothing to clear. The browser may have one that it left out (SameSite): it stays.
    const isCleared = outcome === 'ended' && visit.via !== undefined;
    if (isCleared) this.#clear(exchange, visit);
    const isIdentitySent = this.#identify(exchange, visit, outcome, begun);
    const isCredentialSent = outcome === 'issued' || isCleared || isIdentitySent;
    if (isCredentialSent) forbidStoring(exchange);
    else if (visit.isRead && visit.session?.uid !== undefined) forbidSharing(exchange);
    if (isCredentialSent || visit.isRead) varyOn(exchange, this.#varyOn);
  }

  /** The present time; `undefined` without an identity cookie, which alone asks for it. */
  #moment(): number | undefined {
    return this.#identity && this.#source.clock.now();
  }

  /** Sends or clears the identity cookie; not for clients with the header. Returns whether it did. */
  #identify(
    exchange: Exchange,
    { session, opened, via, activeSince }: Visit<Kind>,
    outcome: CommitResult['outcome'],
    begun: number | undefined,
  ): boolean {
    const { cookie } = this.#transports;
    if (this.#identity === undefined || (via !== undefined && via !== cookie)) return false;
    const goodAt = outcome === 'issued' ? begun : activeSince;
    const now = this.#source.clock.now();
    return this.#identity.settle(exchange, { session, opened, hasCookie: via === cookie, outcome, goodAt, now });
  }

  #clear(exchange: Exchange, { opened, isAmbiguous }: Visit<Kind>): void {
    for (const transport of this.#all) transport.clear(exchange);
    this.#source.events.emit('cleared', { ...opened, reason: isAmbiguous ? 'suspicious' : 'ended' });
  }

  /** A request with the header: its cookie is ignored (SECURITY.md, cookies and headers). */
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

  /** Touches only the one that counts, at the end: touched first, all copies of a session would look equally new. */
  #lookUpAndTouch(sids: readonly string[]): Found<Kind>[] | Promise<Found<Kind>[]> {
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

  #decideOne(exchange: Exchange, via: Transport | undefined, found: Found<Kind>): Visit<Kind> {
    return isMissing(found)
      ? this.#decide(exchange, via, [found])
      : this.#visiting(exchange, via, found, factsOf(found));
  }

  #decide(exchange: Exchange, via: Transport | undefined, found: readonly Found<Kind>[]): Visit<Kind> {
    const sessions = distinct(found);
    if (isSuspicious(found, sessions)) {
      this.#source.events.emit('suspicious', { sessions: sessions.map(factsOf) });
      return this.#withholding(exchange, via, { isAmbiguous: true });
    }
    const [session] = sessions;
    if (session !== undefined) return this.#decideOne(exchange, via, session);
    const missing = found.filter(isMissing);
    const handedOver = missing.filter((one) => this.#mayHaveNewer(one, via));
    if (handedOver.some(({ reason }) => reason === SUPERSEDED)) return this.#withholding(exchange, via);
    if (handedOver.length > 0) return this.#withholding(exchange, via, { withheld: 'until-sign-in' });
    const undecided = missing.filter((one) => one.isUndecided).map(({ sessionId }) => String(sessionId));
    if (undecided.length > 0) return this.#withholding(exchange, via, { withheld: 'until-decided', undecided });
    return this.#visiting(exchange, via, this.#fresh());
  }

  /**
   * Whether a newer credential may be on its way to this client. After a sign-out, only for cookies: a new one would
   * overwrite it. A client with a header sends what it intends to send.
   */
  #mayHaveNewer({ withinGrace, reason }: SessionNotFound, via: Transport | undefined): boolean {
    return withinGrace && (reason === SUPERSEDED || via === this.#transports.cookie);
  }

  #visiting(
    exchange: Exchange,
    via: Transport | undefined,
    session: Kind | undefined,
    opened?: SessionFacts,
    { withheld = 'no', undecided = NONE, isAmbiguous = false }: Withholding = {},
  ): Visit<Kind> {
    return {
      exchange,
      session,
      via,
      opened,
      activeSince: undefined,
      isAmbiguous,
      withheld,
      undecided,
      isRead: false,
      isSealed: false,
      outcome: undefined,
      late: session && new LateChanges(this.#source, exchange.ending, session),
    };
  }

  #fresh(withheld: Withheld = 'no'): Kind | undefined {
    return this.#create === 'never' ? undefined : this.#source.blank({ withheld });
  }

  /** An empty session for a request that may have one, but is sent none. */
  #withholding(
    exchange: Exchange,
    via: Transport | undefined,
    { withheld = 'yes', ...how }: Withholding = {},
  ): Visit<Kind> {
    return this.#visiting(exchange, via, this.#fresh(withheld), undefined, { withheld, ...how });
  }

  /** The transports that send a sid: that of the request, else the cookie, and the header if it announces or is the only one. */
  #carriers({ via }: Visit<Kind>): readonly Transport[] {
    const { cookie, header } = this.#transports;
    if (via !== undefined) return [via];
    return [cookie, cookie === undefined || header?.announce ? header : undefined].filter((one) => one !== undefined);
  }
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
