import { CsrfRefused } from '../../errors.js';
import type { OpenedSession } from '../../storage/session-source.js';
import type { Exchange } from '../exchange.js';
import { forbidStoring } from '../hygiene.js';
import type { Transports } from '../lifecycle.js';
import type { CookieTransport } from '../transports/cookie.js';
import type { Visit } from '../visit.js';
import { fieldOf } from './body-field.js';
import { type TokenSettings, wrongCsrfOption } from './options.js';
import { isSafe } from './origin-check.js';
import { readSecrets } from './secrets.js';
import { type CsrfBinding, type CsrfTokenProblem, CsrfTokens } from './token.js';
import { tokenCookie } from './token-cookie.js';

/** What is known of one request. */
interface Checked {
  readonly visit: Visit<OpenedSession>;
  /** `due`: it needs a token, and no good one was seen yet. */
  state: 'passed' | 'due' | 'refused' | 'exempt';
  /** What is wrong with the token in its header. */
  problem: CsrfTokenProblem | undefined;
  /** The value of its cookie; `undefined` without one, and with several. */
  readonly cookie: string | undefined;
  /** A new cookie for it. */
  fresh: ReturnType<CsrfTokens['createNonce']> | undefined;
  /** Whether the response contains a token. */
  isShown: boolean;
}

type Problem = CsrfTokenProblem | 'token_missing';

const CURES: Readonly<Record<Problem, string>> = {
  token_missing:
    'send the token in the header, or in a field of the body, which checkCsrf must be given before the session is used',
  token_malformed: 'that is no token',
  token_invalid: 'the token was not made with a secret that is configured here',
  token_stale: 'the token belongs to another session, as after signing in or out: fetch a new one, and try again',
};

const UNTIL_CLOSED = { expires: Number.POSITIVE_INFINITY, persistent: false, now: 0, isRenewal: false };

/** Requires a token of requests that change something, and gives clients theirs. */
export class TokenCheck {
  readonly #tokens: CsrfTokens;
  readonly #cookie: CookieTransport;
  readonly #sessions: Transports;
  readonly #header: string;
  readonly #field: string;
  readonly #requests = new WeakMap<Visit<OpenedSession>, Checked>();

  /** @throws TypeError naming the option that is wrong */
  constructor({ secret, cookie, header, field }: TokenSettings, sessionCookie: CookieTransport, sessions: Transports) {
    if (header === sessions.header?.varyOn.toLowerCase()) {
      throw wrongCsrfOption(['header'], 'must not be the name of the session header');
    }
    this.#tokens = new CsrfTokens(readSecrets(secret));
    this.#cookie = tokenCookie(cookie, sessionCookie.rules);
    this.#sessions = sessions;
    this.#header = header;
    this.#field = field;
  }

  get cookieName(): string {
    return this.#cookie.rules.name;
  }

  /** Looks at the token in the header of a request. Without a good one, the token is due: the error handlers' response can then have a new one. */
  begin(visit: Visit<OpenedSession>): void {
    const request = this.#known(visit);
    if (isSafe(visit.exchange.method) || this.#isByHeader(visit)) return;
    const token = visit.exchange.requestHeader(this.#header);
    request.problem = token === undefined ? undefined : this.#problemOf(request, token);
    if (token === undefined || request.problem !== undefined) request.state = 'due';
  }

  /** Whether the request has no good token so far. */
  isMissing(visit: Visit<OpenedSession>): boolean {
    const { state } = this.#known(visit);
    return state === 'due' || state === 'refused';
  }

  /** Whether a token in the body would do. */
  isBodyNeeded(visit: Visit<OpenedSession>): boolean {
    const { state, problem } = this.#known(visit);
    return state === 'due' && problem === undefined;
  }

  /** Checks the token in a body, if one is due. @throws CsrfRefused; again for a request that was refused before */
  checkBody(visit: Visit<OpenedSession>, body: unknown): void {
    const request = this.#known(visit);
    if (!this.isMissing(visit)) return;
    if (request.state === 'refused') this.#refuse(request);
    const token = request.problem === undefined ? fieldOf(body, this.#field) : undefined;
    if (token === undefined) this.#refuse(request);
    request.problem = this.#problemOf(request, token);
    if (request.problem !== undefined) this.#refuse(request);
    request.state = 'passed';
  }

  /** Nothing may use the session before. @throws CsrfRefused if a token is due */
  assertChecked(visit: Visit<OpenedSession>): void {
    const request = this.#known(visit);
    if (request.state === 'due') this.#refuse(request);
  }

  /** From then on, a request without a token has an empty session: nobody expects an error after the response. */
  conclude(visit: Visit<OpenedSession>): void {
    const request = this.#known(visit);
    if (request.state === 'due') request.state = 'refused';
  }

  /** For a request that other sites may send: it must not change their cookies. */
  exempt(visit: Visit<OpenedSession>): void {
    this.#known(visit).state = 'exempt';
  }

  isRefused(visit: Visit<OpenedSession>): boolean {
    return this.#known(visit).state === 'refused';
  }

  /** A token for the response. `lineage`: that of the session, if the client has it then. */
  tokenFor(visit: Visit<OpenedSession>, lineage: string | undefined): string {
    const request = this.#known(visit);
    request.isShown = true;
    const known = request.state === 'refused' ? request.visit.opened?.lineage : lineage;
    return this.#tokens.create(known === undefined ? this.#nonceFor(request) : lineageOf(known));
  }

  /** Gives the client the cookie that fits its session, once that is committed. */
  settle(exchange: Exchange, visit: Visit<OpenedSession>): void {
    const { outcome, via } = visit;
    const request = this.#known(visit);
    if (request.isShown) forbidStoring(exchange);
    if (this.#isByHeader(visit) || request.state === 'exempt') return;
    const lineage = lineageAfter(visit);
    if (lineage !== undefined) {
      const { cookie } = request;
      const fits = cookie !== undefined && this.#tokens.problemOf(cookie, lineageOf(lineage)) === undefined;
      if (!fits) this.#send(exchange, this.#tokens.create(lineageOf(lineage)));
    } else if (request.fresh !== undefined) {
      this.#send(exchange, request.fresh.cookie);
    } else if (outcome === 'ended' && via !== undefined && request.cookie !== undefined) {
      this.#cookie.clear(exchange);
    }
  }

  #known(visit: Visit<OpenedSession>): Checked {
    const known = this.#requests.get(visit);
    if (known !== undefined) return known;
    const values = new Set(this.#cookie.readSids(visit.exchange));
    const [cookie] = values.size === 1 ? values : [];
    const request: Checked = { visit, state: 'passed', problem: undefined, cookie, fresh: undefined, isShown: false };
    this.#requests.set(visit, request);
    return request;
  }

  #problemOf(request: Checked, token: unknown): CsrfTokenProblem | undefined {
    const { opened } = request.visit;
    const binding = opened === undefined ? this.#nonceOf(request) : lineageOf(opened.lineage);
    return this.#tokens.problemOf(token, binding);
  }

  #refuse(request: Checked): never {
    const { problem = 'token_missing' } = request;
    request.state = 'refused';
    throw new CsrfRefused(problem, CURES[problem]);
  }

  #nonceOf({ cookie }: Checked): CsrfBinding | undefined {
    return cookie === undefined ? undefined : this.#tokens.nonceOf(cookie);
  }

  #nonceFor(request: Checked): CsrfBinding {
    const nonce = this.#nonceOf(request);
    if (nonce !== undefined) return nonce;
    request.fresh ??= this.#tokens.createNonce();
    return request.fresh.binding;
  }

  #send(exchange: Exchange, value: string): void {
    this.#cookie.send(exchange, value, UNTIL_CLOSED);
    forbidStoring(exchange);
  }

  /** Other sites cannot send the session header, and its clients have no cookies. */
  #isByHeader({ via }: Visit<OpenedSession>): boolean {
    return via !== undefined && via === this.#sessions.header;
  }
}

function lineageOf(value: string): CsrfBinding {
  return { kind: 'lineage', value };
}

/** The lineage of the session that the client has after the response. */
function lineageAfter({ outcome, opened, session }: Visit<OpenedSession>): string | undefined {
  if (outcome === 'issued') return session?.lineage;
  return outcome === 'unchanged' ? opened?.lineage : undefined;
}
