import type { OpenEvent, WireEvent } from '../live/wire-events.js';
import type { Instance } from './instance.js';
import { Stream, type StreamOptions, type StreamState } from './stream.js';

/** What tabs tell one another. The number in the name of the channel changes with it. `page`: that of the tab that reads. */
type Message =
  | { readonly type: 'hello' }
  | { readonly type: 'welcome'; readonly open: OpenEvent; readonly last: string; readonly page: string }
  | { readonly type: 'event'; readonly event: WireEvent; readonly last: string; readonly page: string }
  | { readonly type: 'lost' }
  | { readonly type: 'end'; readonly reason: string; readonly isFinal: boolean };

/**
 * One stream for all tabs of a browser. The tab that has the lock reads it, and passes the events on. When it closes, the browser
 * gives the lock to another tab, which resumes after the last event.
 */
export class SharedStream {
  readonly #name: string;
  readonly #instance: Instance;
  readonly #options: StreamOptions;
  #channel: BroadcastChannel | undefined;
  #stopping = new AbortController();
  /** The stream itself, in the tab that reads it. */
  #stream: Stream | undefined;
  #open: OpenEvent | undefined;
  /** The state of the stream, while another tab reads it. */
  #followed: StreamState = 'connecting';
  #last = '';

  constructor(url: URL, instance: Instance, options: StreamOptions) {
    this.#name = `sessions-jwt:2:${url.href}`;
    this.#instance = instance;
    this.#options = options;
  }

  /** Whether the browser can share: it has Web Locks, which need HTTPS, and BroadcastChannel. */
  static isPossible(): boolean {
    return 'locks' in navigator && 'BroadcastChannel' in globalThis;
  }

  get state(): StreamState {
    if (this.#channel === undefined) return 'idle';
    return this.#stream?.state ?? this.#followed;
  }

  start(): void {
    if (this.#channel !== undefined) return;
    const channel = new BroadcastChannel(this.#name);
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => this.#receive(data));
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#tell({ type: 'hello' });
    // It rejects when the tab stops to wait for its turn.
    navigator.locks.request(this.#name, { signal }, () => this.#read(signal)).catch(() => undefined);
  }

  stop(): void {
    this.#stopping.abort();
    this.#channel?.close();
    this.#channel = undefined;
    this.#open = undefined;
    this.#followed = 'connecting';
  }

  /** Reads the stream until this tab stops. */
  async #read(signal: AbortSignal): Promise<void> {
    const { connect, silence } = this.#options;
    const stream = new Stream({
      connect: (last, aborted) => connect(last || this.#last, aborted),
      handle: (event, aborted, id) => this.#handle(event, aborted, id),
      end: (reason, isFinal) => this.#end(reason, isFinal),
      lose: () => this.#lose(),
      silence,
    });
    this.#stream = stream;
    stream.start();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    stream.stop();
    this.#stream = undefined;
  }

  async #handle(event: WireEvent, signal: AbortSignal | undefined, id: string | undefined): Promise<void> {
    this.#last = id ?? this.#last;
    if (event.type === 'open') this.#open = event;
    const message = { type: 'event', event, last: this.#last, page: this.#instance.page } as const;
    // This tab may leave with the event. The others must have a cookie before they handle what follows it.
    if (event.type !== 'cookie') this.#tell(message);
    await this.#options.handle(event, signal, id);
    if (event.type === 'cookie') this.#tell(message);
  }

  #end(reason: string, isFinal: boolean): void {
    this.#last = '';
    this.#tell({ type: 'end', reason, isFinal });
    this.#options.end(reason, isFinal);
  }

  #lose(): void {
    this.#tell({ type: 'lost' });
    this.#options.lose();
  }

  #tell(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #receive(message: Message): void {
    switch (message.type) {
      case 'hello':
        // While the connection is lost, a tab that comes learns of the next one.
        if (this.#stream?.state === 'open' && this.#open !== undefined)
          this.#tell({ type: 'welcome', open: this.#open, last: this.#last, page: this.#instance.page });
        break;
      case 'welcome':
        if (this.#open === undefined) this.#follow(message.open, message.last, message.page);
        break;
      case 'event':
        this.#follow(message.event, message.last, message.page);
        break;
      case 'lost':
        this.#followed = 'waiting';
        this.#options.lose();
        break;
      case 'end':
        this.#last = '';
        this.#followed = 'waiting';
        this.#options.end(message.reason, message.isFinal);
        break;
    }
  }

  #follow(event: WireEvent, last: string, page: string): void {
    this.#last = last;
    this.#instance.follow(page);
    if (event.type === 'reconnect') this.#followed = 'waiting';
    if (event.type === 'open') {
      this.#open = event;
      this.#followed = 'open';
    }
    void this.#options.handle(event, undefined, undefined);
  }
}
