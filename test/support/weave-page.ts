import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import { Browser } from './browser.js';
import type { Answer } from './deferred-head.js';

export const CSRF_SECRET = 'the CSRF tokens of the tests are signed with this';
export const JWT_SECRET = 'the auth cookies of the tests are signed with this, and with nothing else';

/** A tab of a browser. It does with cookies, tokens and claims what the client of this package does. */
export class WeavePage {
  readonly browser: Browser;
  readonly instance: string = randomUUID();
  readonly port: number;

  constructor(port: number, browser: Browser = new Browser(port)) {
    this.port = port;
    this.browser = browser;
  }

  /** Another tab of the browser. */
  duplicate(): WeavePage {
    return new WeavePage(this.port, this.browser);
  }

  /** Loads the page, and returns who is signed in. */
  async load(): Promise<unknown> {
    return JSON.parse((await this.browser.ask('/')).text);
  }

  /** Calls a handler. */
  async call(name: string): Promise<Answer> {
    return await this.post(`/h/${name}`);
  }

  async post(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const token = await this.browser.cookie('weave-csrf');
    const own = { 'x-csrf-token': token, 'x-session-instance': this.instance };
    return await this.browser.ask(path, { method: 'POST', headers: { ...own, ...headers } });
  }

  /** Opens the stream. */
  async connect(last?: string): Promise<WeaveStream> {
    const url = `http://127.0.0.1:${this.port}/live?instance=${this.instance}`;
    const cookie = await this.browser.jar.getCookieString(url);
    const headers = { cookie, accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) };
    const outgoing = request(url, { headers });
    outgoing.end();
    const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
    if (incoming === undefined) throw new Error('no response');
    return new WeaveStream(incoming);
  }
}

/** An event as the page reads it. */
export interface PageEvent {
  readonly type: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id: string | undefined;
}

/** The stream of a tab. */
export class WeaveStream {
  readonly status: number | undefined;
  readonly #response: IncomingMessage;
  readonly #events: AsyncGenerator<PageEvent>;
  #heard: (comment: string) => void = () => undefined;

  constructor(response: IncomingMessage) {
    this.status = response.statusCode;
    this.#response = response;
    this.#events = eventsIn(response, (comment) => this.#heard(comment));
  }

  /** The next event, which may still have to come; `undefined` at the end of the stream. */
  async next(): Promise<PageEvent | undefined> {
    const { value } = await this.#events.next();
    return value ?? undefined;
  }

  /** The next comment, such as a heartbeat, if no event comes before. The last to be read of a stream. */
  async comment(): Promise<string> {
    return await new Promise((resolve, reject) => {
      this.#heard = resolve;
      this.#events.next().then(reject, () => undefined);
    });
  }

  leave(): void {
    this.#response.destroy();
  }
}

async function* eventsIn(response: IncomingMessage, onComment: (comment: string) => void): AsyncGenerator<PageEvent> {
  const arrived: PageEvent[] = [];
  const parser = createParser({
    onComment,
    onEvent: ({ event, data, id }) => arrived.push({ type: event, data: JSON.parse(data), id }),
  });
  for await (const chunk of response.setEncoding('utf8')) {
    parser.feed(String(chunk));
    yield* arrived.splice(0);
  }
}
