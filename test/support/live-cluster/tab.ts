import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Received } from '../live-streams.js';
import type { ClusterProcess } from './process.js';

/** A comment, or a position alone. */
const BEATS = /^(?::|id: \S+)\n\n/gm;
const IDS = /^id: \S+$/gm;

/** How a tab asks for its stream. */
export interface TabAsk {
  readonly instance?: string | undefined;
  /** The id of the last event. */
  readonly last?: string | undefined;
}

/** A tab of a browser, connected over HTTP to one process. It never reconnects. */
export class Tab {
  readonly status: number;
  readonly events: Received[] = [];
  /** Whether the stream has ended, however. */
  isOver = false;
  lastId: string | undefined;
  /** How many heartbeats came. */
  beats = 0;
  readonly #body: IncomingMessage;
  readonly #changes = new EventEmitter();

  private constructor(body: IncomingMessage) {
    this.status = Number(body.statusCode);
    this.#body = body;
    const parser = createParser({
      onEvent: ({ event, data, id }) => this.events.push({ type: event, data: JSON.parse(data), id }),
    });
    body.setEncoding('utf8');
    body.on('error', () => undefined);
    body.on('data', (text: string) => {
      parser.feed(text);
      this.beats += text.match(BEATS)?.length ?? 0;
      this.lastId = text.match(IDS)?.at(-1)?.slice('id: '.length) ?? this.lastId;
      this.#changes.emit('change');
    });
    body.once('close', () => {
      this.isOver = true;
      this.#changes.emit('change');
    });
  }

  /** Resolves after the first event, or when the answer is no stream. */
  static async open(process: ClusterProcess, site: string, sid: string, ask: TabAsk = {}): Promise<Tab> {
    const { instance, last } = ask;
    const query = instance === undefined ? '' : `?instance=${instance}`;
    const headers = { cookie: `sid=${sid}`, ...(last === undefined ? {} : { 'last-event-id': last }) };
    const path = `/${site}/live${query}`;
    const outgoing = request({ host: '127.0.0.1', port: process.port, path, headers, agent: false });
    outgoing.end();
    const tab = await new Promise<Tab>((resolve, reject) => {
      outgoing.once('response', (body) => resolve(new Tab(body)));
      outgoing.once('error', reject);
    });
    outgoing.on('error', () => undefined);
    await tab.until(({ events, isOver }) => events.length > 0 || isOver);
    return tab;
  }

  /** Resolves when that is true. */
  async until(isSo: (tab: this) => boolean): Promise<void> {
    while (!isSo(this)) await once(this.#changes, 'change');
  }

  async nextBeat(): Promise<void> {
    const { beats } = this;
    await this.until((tab) => tab.beats > beats);
  }

  /** Resolves when the stream is over, with its last event. */
  async end(): Promise<Received | undefined> {
    await this.until(({ isOver }) => isOver);
    return this.events.at(-1);
  }

  leave(): void {
    this.#body.destroy();
  }

  /** The names of the messages. */
  get names(): unknown[] {
    return this.#messages().map(({ name }) => name);
  }

  /** What speakers said, in the order of arrival. */
  get said(): { readonly as: unknown; readonly number: unknown }[] {
    return this.#messages()
      .filter(({ name }) => name === 'said')
      .map(({ data }) => Object(data));
  }

  #messages(): { readonly name: unknown; readonly data: unknown }[] {
    return this.events.filter(({ type }) => type === 'message').map(({ data }) => Object(data));
  }
}
