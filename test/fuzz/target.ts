import { readSecrets } from '../../src/http/csrf/secrets.js';
import { CsrfTokens } from '../../src/http/csrf/token.js';
import { IdentityVerifier } from '../../src/identity/index.js';
import type { Served, TestApp } from '../support/adapter-cases.js';
import { expressApp, expressVersions } from '../support/express-app.js';
import { fastifyApp } from '../support/fastify-app.js';
import { fetchApp } from '../support/fetch-app.js';
import { honoApp } from '../support/hono-app.js';
import { IDENTITY_SECRET, identityToken, WHO } from '../support/identities.js';
import { koaApp } from '../support/koa-app.js';
import { Shop, type SourceMode } from '../support/shop.js';
import { srvxServer } from '../support/web-app.js';
import { type RawAnswer, RawConnection } from './connection.js';
import { GOOD } from './kinds.js';
import { mayOpen } from './model.js';
import { LISTED } from './origins.js';
import { bytesOf, type Credentials, type Example, type Sent, sentTo } from './text.js';

/** The adapters, each on one server. */
const APPS: readonly TestApp[] = [
  ...expressVersions.map(([name, express]) => expressApp(name, express)),
  fastifyApp,
  koaApp,
  honoApp,
  fetchApp(srvxServer),
];
const MODES: readonly SourceMode[] = ['synchronous', 'server-side'];
const CSRF_SECRET = 'a secret for CSRF tokens, of any length above 32';
/** What headers Node accepts, in bytes. To more, it answers 431 and closes the connection, perhaps before the client reads that. */
const HEADER_LIMIT = 16_384;

/** Errors of these statuses are documented answers to a bad request. */
const STATUSES: Readonly<Record<Sent['path'], readonly number[]>> = {
  '/look': [200, 400, 403, 431],
  '/identity': [200, 400, 401, 431],
};

/** What came of an example at one server. */
export interface Result {
  readonly status: number;
  /** Whether the request was let in, with the credentials of the good client. */
  readonly isLetIn: boolean;
  /** What must not be. */
  readonly problem: string | undefined;
}

/** What can be sent examples. */
export interface Target {
  ask(example: Example): Promise<Result>;
  /** Why the good client can no longer do what it could. */
  harm(): Promise<string | undefined>;
  close(): void;
}

/** A server with an adapter and a storage, and one good client. */
class Server implements Target {
  readonly #shop: Shop;
  readonly #errors: unknown[];
  readonly #connection: RawConnection;
  readonly #credentials: Credentials;
  readonly #name: string;

  private constructor(name: string, shop: Shop, served: Served, credentials: Credentials) {
    this.#name = name;
    this.#shop = shop;
    this.#errors = served.errors;
    this.#connection = new RawConnection(served.port);
    this.#credentials = credentials;
  }

  static async open(app: TestApp, mode: SourceMode): Promise<Server> {
    const shop = new Shop({ mode });
    const verifier = new IdentityVerifier({ jwtSecret: IDENTITY_SECRET, clock: shop.clock });
    const served = await app.serve({
      source: shop.sessionStorage,
      routes: {
        '/look': (call) => ({ json: { uid: call.session()?.uid ?? null } }),
        '/identity': (call) => {
          const [, token] = /^Bearer +(.*)$/i.exec(call.header('authorization') ?? '') ?? [];
          return { json: { uid: verifier.verify(token).uid } };
        },
      },
      cookie: true,
      header: true,
      identity: { jwtSecret: IDENTITY_SECRET },
      csrf: { origins: [LISTED], token: true, secret: CSRF_SECRET },
    });
    const kind = mode === 'server-side' ? 'a store' : 'tokens';
    return new Server(`${app.name}, ${kind}`, shop, served, await credentialsOf(shop));
  }

  async ask(example: Example): Promise<Result> {
    const sent = sentTo(this.#credentials, example);
    const bytes = bytesOf(sent);
    const { status, head, body } = await this.#connection.ask(bytes);
    this.#errors.length = 0;
    this.#shop.told.length = 0;
    const isLetIn = status === 200 && body.includes('"u1"');
    const problem = isDropped(bytes, status) ? undefined : this.#problemOf(sent, { status, head, body }, isLetIn);
    return { status, isLetIn, problem: problem && `${this.#name}: ${problem}` };
  }

  async harm(): Promise<string | undefined> {
    for (const example of GOOD) {
      const { status, isLetIn, problem } = await this.ask(example);
      if (!isLetIn)
        return `${this.#name}: the good client is refused, ${example.method} ${example.path}, status ${status}`;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  close(): void {
    this.#connection.close();
  }

  #problemOf(sent: Sent, { status, head, body }: RawAnswer, isLetIn: boolean): string | undefined {
    if (!STATUSES[sent.path].includes(status)) return `status ${status}`;
    if (mayOpen(sent, this.#credentials)) return undefined;
    if (isLetIn) return 'it opened the session of the good client';
    if (/\r\n(?:set-cookie: (?:sid|auth)=[^;\r]|x-session-id: [^\r])/i.test(head)) return 'it got a session';
    const { sid } = this.#credentials;
    return head.includes(sid) || body.includes(sid) ? 'the answer has the sid of the good client' : undefined;
  }
}

/** For each adapter, one with sessions in tokens and one with a store. */
export async function openTargets(): Promise<readonly (readonly Target[])[]> {
  return await Promise.all(APPS.map((app) => Promise.all(MODES.map((mode) => Server.open(app, mode)))));
}

/** Whether headers were too large, and the connection closed before the client could read so. */
function isDropped(bytes: Buffer, status: number): boolean {
  return status === 0 && bytes.length > HEADER_LIMIT;
}

async function credentialsOf(shop: Shop): Promise<Credentials> {
  const sid = await shop.issue({ count: 1 }, 'u1');
  const { lineage } = await shop.storage.get(sid);
  const tokens = new CsrfTokens(readSecrets(CSRF_SECRET));
  return {
    sid,
    'csrf token': tokens.create({ kind: 'lineage', value: lineage }),
    'csrf cookie of a visitor': tokens.createNonce().cookie,
    'identity token': identityToken(WHO, 'HS512', IDENTITY_SECRET),
  };
}
