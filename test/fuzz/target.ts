import { readSecrets } from '../../src/http/csrf/secrets.js';
import { CsrfTokens } from '../../src/http/csrf/token.js';
import { IdentityVerifier } from '../../src/identity/index.js';
import { EXPRESS, FASTIFY, type Framework, KOA, ON_WEB_SERVERS } from '../support/adapter-apps/frameworks.js';
import { answerTo, type Built, type Listener, pathOf } from '../support/adapter-apps/ways.js';
import { serve } from '../support/deferred-head.js';
import { IDENTITY_SECRET, identityToken, WHO } from '../support/identities.js';
import { Shop, type SourceMode } from '../support/shop.js';
import { type RawAnswer, RawConnection } from './connection.js';
import { GOOD } from './kinds.js';
import { mayOpen } from './model.js';
import { LISTED } from './origins.js';
import { bytesOf, type Credentials, type Example, type Sent, sentTo } from './text.js';

const FRAMEWORKS: readonly Framework[] = [...EXPRESS, FASTIFY, KOA, ...ON_WEB_SERVERS];
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
  readonly #connection: RawConnection;
  readonly #credentials: Credentials;
  readonly #name: string;

  private constructor(name: string, shop: Shop, port: number, credentials: Credentials) {
    this.#name = name;
    this.#shop = shop;
    this.#connection = new RawConnection(port);
    this.#credentials = credentials;
  }

  static async open({ name, build }: Framework, mode: SourceMode): Promise<Server> {
    const shop = new Shop({ mode });
    const options = {
      sessionStorage: shop.sessionStorage,
      property: 'session',
      cookie: true,
      header: true,
      identity: { jwtSecret: IDENTITY_SECRET },
      csrf: { origins: [LISTED], token: true, secret: CSRF_SECRET },
    };
    const built = await build({
      activations: [{ options, only: () => true, passive: () => false, mount: undefined }],
      routes: { '/look': (call) => ({ json: { uid: call.session()?.uid ?? null } }) },
      trustProxy: false,
    });
    const port = await serve(withIdentity(built, shop));
    return new Server(
      `${name}, ${mode === 'server-side' ? 'a store' : 'tokens'}`,
      shop,
      port,
      await credentialsOf(shop),
    );
  }

  async ask(example: Example): Promise<Result> {
    const sent = sentTo(this.#credentials, example);
    const bytes = bytesOf(sent);
    const { status, head, body } = await this.#connection.ask(bytes);
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

/** Each adapter twice: with sessions in tokens, and in a store. */
export async function openTargets(): Promise<readonly (readonly Target[])[]> {
  const open = async (framework: Framework, mode: SourceMode) => [await Server.open(framework, mode)];
  return await Promise.all(FRAMEWORKS.flatMap((framework) => MODES.map((mode) => open(framework, mode))));
}

/** The application, and beside it a service that reads identity tokens. */
function withIdentity({ listener }: Built, { clock }: Shop): Listener {
  const verifier = new IdentityVerifier({ jwtSecret: IDENTITY_SECRET, clock });
  return (request, response) => {
    if (pathOf(request.url) !== '/identity') return listener(request, response);
    const [, token] = /^Bearer +(.*)$/i.exec(request.headers.authorization ?? '') ?? [];
    try {
      return response.end(JSON.stringify({ uid: verifier.verify(token).uid }));
    } catch (error) {
      return response.writeHead(answerTo(error).status).end();
    }
  };
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
