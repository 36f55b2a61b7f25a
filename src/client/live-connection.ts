import type { OpenEvent, WireEvent } from '../live/wire-events.js';
import { fetchCookie } from './claim.js';
import { Events, type SessionEvents } from './events.js';
import { Instance } from './instance.js';
import { applyMarkup, createPolicy } from './markup.js';
import { goTo } from './navigation.js';
import type { ConnectSettings } from './options.js';
import { Presence } from './presence.js';
import { Requests } from './requests.js';
import { SharedStream } from './shared-stream.js';
import { Stream, type StreamOptions, type StreamState } from './stream.js';

/** The connection of a page to its session. */
export class LiveConnection {
  readonly #settings: ConnectSettings;
  readonly #instance = new Instance();
  readonly #events = new Events();
  readonly #requests: Requests;
  readonly #stream: Stream | SharedStream;
  readonly #presence: Presence;
  readonly #listeners = new AbortController();
  #isClosed = false;
  #isLost = false;
  /** What the server calls the session of the last stream. */
  #session: string | undefined;

  /** @internal */
  constructor(settings: ConnectSettings) {
    createPolicy();
    this.#settings = settings;
    this.#requests = new Requests({
      ...settings,
      cookies: () => document.cookie,
      base: () => document.baseURI,
      tab: this.#instance,
    });
    const options: StreamOptions = {
      connect: (last, signal) => this.#connect(last, signal),
      handle: (event, signal) => this.#handle(event, signal).catch(reportError),
      end: (reason, isFinal) => this.#end(reason, isFinal),
      lose: () => this.#lose(),
      silence: settings.silence,
    };
    const isShared = settings.shared && SharedStream.isPossible();
    this.#stream = isShared ? new SharedStream(settings.url, this.#instance, options) : new Stream(options);
    this.#presence = new Presence((visibility, isActive) => this.#report(visibility, isActive), settings.keepAlive);
    this.#followPage();
    this.#stream.start();
  }

  /** The id of this tab, which the server knows as `instance`. */
  get instance(): string {
    return this.#instance.id;
  }

  /** What the connection is doing; `'closed'` after `close()`, and after the session has ended. `'idle'`: the page is not shown. */
  get state(): StreamState | 'closed' {
    return this.#isClosed ? 'closed' : this.#stream.state;
  }

  /**
   * Listens to what happens to the connection (names that begin with `session:`), or to messages of the application with this
   * name. Returns a function that removes the listener.
   */
  on<Name extends keyof SessionEvents>(name: Name, listener: (detail: SessionEvents[Name]) => void): () => void;
  on(name: string, listener: (data: unknown) => void): () => void;
  on(name: string, listener: (detail: unknown) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * As the `fetch` of the page. Requests to the page's own origin have the headers `X-Session-Instance` and, if they may change
   * something, the CSRF token. They reject if they are redirected to another origin. Other requests are sent as they are.
   */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    await this.#requests.send(input, init);

  /** Disconnects for good. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#instance.leave();
    this.#stream.stop();
    this.#presence.stop();
    this.#listeners.abort();
  }

  /** A page in the back/forward cache, or one that is frozen, cannot read its stream. A new network needs a new connection. */
  #followPage(): void {
    const { signal } = this.#listeners;
    const stop = (): void => {
      this.#instance.leave();
      this.#stream.stop();
    };
    const start = (): void => {
      this.#instance.comeBack();
      this.#stream.start();
    };
    addEventListener('pagehide', stop, { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && start(), { signal });
    document.addEventListener('freeze', stop, { signal });
    document.addEventListener('resume', start, { signal });
    addEventListener('online', () => this.#stream.stop(), { signal });
    addEventListener('online', () => this.#stream.start(), { signal });
  }

  async #connect(last: string, signal: AbortSignal): Promise<Response> {
    const response = await this.#requests.open(last, signal);
    if (response.status === 200) this.#instance.arrive();
    return response;
  }

  async #handle(event: WireEvent, signal: AbortSignal | undefined): Promise<void> {
    switch (event.type) {
      case 'open':
        this.#open(event.data);
        break;
      case 'html':
        applyMarkup(event.data.html, this.#settings.morph);
        break;
      case 'path':
        goTo(event.data.path);
        break;
      case 'reload':
        location.reload();
        break;
      case 'cookie':
        if (signal === undefined || (await fetchCookie(this.#requests, event.data.claim, signal))) {
          this.#events.emit('session:cookie', {});
        }
        break;
      case 'message':
        this.#events.message(event.data.name, event.data.data);
        break;
      case 'reconnect':
        if (event.data.reason === 'duplicate') this.#instance.renew();
        this.#events.emit('session:reconnect', event.data);
        break;
      case 'missed':
        this.#events.emit('session:missed', {});
        break;
    }
  }

  #open({ instance, session, replayed }: OpenEvent['data']): void {
    // Also after a time without a stream, in which nobody could tell the page. The browser has the cookie, since the stream is open.
    const isAnother = session !== (this.#session ?? session);
    this.#session = session;
    this.#isLost = false;
    if (instance !== this.instance) this.#instance.set(instance);
    this.#presence.opened();
    this.#events.emit('session:open', { instance, replayed });
    if (replayed === false) this.#events.emit('session:missed', {});
    if (isAnother) this.#events.emit('session:changed', {});
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#events.emit('session:lost', {});
  }

  #end(reason: string, isFinal: boolean): void {
    if (isFinal) this.close();
    this.#events.emit('session:end', { reason });
  }

  #report(visibility: string, isActive: boolean): boolean {
    if (this.#stream.state !== 'open') return false;
    const headers = { 'X-Session-Visibility': visibility, ...(isActive ? {} : { 'X-Session-Passive': '1' }) };
    // The next report says what this one could not.
    this.#requests.post(headers, { keepalive: true }).catch(() => undefined);
    return true;
  }
}
