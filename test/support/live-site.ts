import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import type { CDPSession, Page } from 'playwright-core';
import type { OpenEvent } from '../../src/live/wire-events.js';
import { pageOf, type Received, Web } from './web.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const LIVE_HOST = 'live.test';

/** No inline script, no eval, and one policy for markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  'connect-src http:',
  'img-src data:',
  "require-trusted-types-for 'script'",
  'trusted-types sessions-jwt',
].join('; ');

const EVENTS = ['open', 'lost', 'changed', 'missed', 'cookie', 'message', 'reconnect', 'end'].map(
  (name) => `session:${name}`,
);

/** A script that keeps what happens in `events`. */
const scriptOf = (options: string): string => `
import { connectSession } from '/sessions-jwt/index.js';
import { Idiomorph } from '/idiomorph/idiomorph.esm.js';
window.morph = (target, replacement) => Idiomorph.morph(target, replacement, { ignoreActiveValue: true });
window.events = [];
for (const name of ${JSON.stringify(EVENTS)}) {
  document.addEventListener(name, ({ detail }) => events.push([name, detail]));
}
window.live = connectSession(${options});
`;

/** A stream that a page opened. */
export class OpenStream {
  readonly request: Received;
  readonly #response: ServerResponse;

  constructor(request: Received, response: ServerResponse) {
    this.request = request;
    this.#response = response;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.flushHeaders();
  }

  get instance(): string {
    return this.#named('instance') ?? '';
  }

  /** The name of the page that asks. */
  get page(): string | undefined {
    return this.#named('page');
  }

  /** The page whose stream this one replaces. */
  get previous(): string | undefined {
    return this.#named('previous');
  }

  get last(): string | undefined {
    const last = this.request.headers['last-event-id'];
    return typeof last === 'string' ? last : undefined;
  }

  get isClosed(): boolean {
    return this.#response.closed;
  }

  /** The page, or the server, closed the stream. */
  async closed(): Promise<void> {
    if (!this.#response.closed) await once(this.#response, 'close');
  }

  /** Sends an event. `data` is text, or else sent as JSON. */
  send(type: string, data: unknown = {}, { id, retry }: { id?: string; retry?: number } = {}): this {
    const json = typeof data === 'string' ? data : JSON.stringify(data);
    const fields = [retry !== undefined && `retry: ${retry}`, id !== undefined && `id: ${id}`, `event: ${type}`];
    this.#response.write(`${[...fields.filter(Boolean), `data: ${json}`].join('\n')}\n\n`);
    return this;
  }

  /** The first event, with the instance that the page asked for, and a short pause for connections that follow. */
  open(data: Partial<OpenEvent['data']> = {}): this {
    return this.send('open', { instance: this.instance, session: 'one', replayed: null, ...data }, { retry: 20 });
  }

  end(): void {
    this.#response.end();
  }

  #named(name: string): string | undefined {
    return new URL(this.request.path, 'http://live.test').searchParams.get(name) ?? undefined;
  }
}

/** What the stream answers instead of a stream. */
interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A site with a page that is connected to its session, under a strict Content-Security-Policy. It speaks the wire format. */
export class LiveSite {
  readonly web: Web;
  /** Answers of the next connections, instead of a stream. */
  readonly refusals: Refusal[] = [];
  readonly streams: OpenStream[] = [];
  readonly posts: Received[] = [];
  /** Claims are answered once this is settled. */
  claims: Promise<void> = Promise.resolve();
  readonly #changes = new EventEmitter();
  readonly #script: string;
  readonly #body: string;

  private constructor(web: Web, script: string, body: string) {
    this.web = web;
    this.#script = script;
    this.#body = body;
    web.answerWith((request, response) => this.#answer(request, response));
  }

  /** `options`: the source text of the options of `connectSession`. `script`: another script for the page. `isSecure`: over HTTPS. */
  static async open({
    options = "{ url: '/live' }",
    body = '',
    script = scriptOf(options),
    isSecure = false,
  } = {}): Promise<LiveSite> {
    return new LiveSite(await Web.open(isSecure ? 'https' : 'http'), script, body);
  }

  url(path = '/'): string {
    return this.web.url(LIVE_HOST, path);
  }

  /** Opens the page in a tab, and returns its stream with the event `open` sent. */
  async connect(page: Page): Promise<OpenStream> {
    const count = this.streams.length;
    await page.goto(this.url());
    const stream = (await this.stream(count)).open();
    await until(page, "events.some(([name]) => name === 'session:open')");
    return stream;
  }

  /** The stream with this number, which may still have to be opened. */
  async stream(index: number): Promise<OpenStream> {
    for (;;) {
      const stream = this.streams[index];
      if (stream !== undefined) return stream;
      await once(this.#changes, 'change');
    }
  }

  /** The first POST that matches, which may still have to come. */
  async post(matches: (request: Received) => boolean = () => true): Promise<Received> {
    for (;;) {
      const request = this.posts.find(matches);
      if (request !== undefined) return request;
      await once(this.#changes, 'change');
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const received = this.web.received.at(-1);
    if (received === undefined) throw new Error('nothing received');
    const { pathname } = new URL(received.path, 'http://live.test');
    if (pathname === '/live') this.#live(received, response);
    else if (pathname === '/page.js') script(response, this.#script);
    else if (pathname === '/idiomorph/idiomorph.esm.js')
      script(response, read('node_modules/idiomorph/dist/idiomorph.esm.js'));
    else if (pathname.startsWith('/sessions-jwt/')) {
      const source = read(`src/client/${pathname.slice('/sessions-jwt/'.length).replace(/\.js$/, '.ts')}`);
      script(response, transformSync(source, { loader: 'ts', target: 'es2022' }).code);
    } else if (pathname === '/elsewhere') {
      response.writeHead(307, { Location: this.web.url('other.test', '/echo') }).end();
    } else if (pathname === '/echo') {
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end(JSON.stringify(request.headers));
    } else {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY });
      response.end(pageOf(`<h1>${pathname}</h1>${this.#body}<script type="module" src="/page.js"></script>`));
    }
  }

  #live(received: Received, response: ServerResponse): void {
    if (received.method === 'POST') {
      const claim = received.headers['x-session-claim'];
      if (claim !== undefined) response.setHeader('Set-Cookie', `claimed=${String(claim)}; Path=/; HttpOnly`);
      void this.claims.then(() => response.writeHead(204).end());
      this.posts.push(received);
    } else {
      const refusal = this.refusals.shift();
      if (refusal === undefined) this.streams.push(new OpenStream(received, response));
      else response.writeHead(refusal.status, refusal.headers).end(refusal.body);
    }
    this.#changes.emit('change');
  }
}

function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

function script(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' }).end(text);
}

const sessions = new WeakMap<Page, Promise<CDPSession>>();

/** The value of an expression in a page whose policy forbids the eval that `page.evaluate` needs. */
export async function valueIn(page: Page, expression: string): Promise<unknown> {
  const opening = sessions.get(page) ?? page.context().newCDPSession(page);
  sessions.set(page, opening);
  const options = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await (await opening).send('Runtime.evaluate', options);
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** Waits until an expression in a page is true. */
export async function until(page: Page, expression: string): Promise<void> {
  await valueIn(
    page,
    `new Promise((resolve) => { const look = () => (${expression}) ? resolve() : setTimeout(look, 5); look(); })`,
  );
}
