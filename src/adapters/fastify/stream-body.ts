import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** What the source of a body needs to know. */
interface BodyHooks {
  /** Fastify has run its hooks, and is about to send the body to the response. The head is not sent yet. */
  piped(): void;
  /** More can be pushed. */
  wanted(): void;
}

type Listeners = ReturnType<typeof listenersOf>;

/**
 * The payload of a stream, for the `onSend` hooks. If none has put another in its place, nothing flows through it: Fastify's `pipe` only
 * says that the response is ready.
 */
export class StreamBody extends Readable {
  readonly #response: ServerResponse;
  readonly #hooks: BodyHooks;
  /** The listeners of the response, when Fastify last began to listen to this. */
  #before: Listeners | undefined;

  constructor(response: ServerResponse, hooks: BodyHooks) {
    super();
    this.#response = response;
    this.#hooks = hooks;
    this.on('newListener', () => {
      this.#before = listenersOf(response);
    });
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target, options?: { end?: boolean }): Target {
    // A hook has wrapped the body.
    if (!Object.is(target, this.#response)) return super.pipe(target, options);
    this.#releaseReply();
    this.#hooks.piped();
    return target;
  }

  override _read(): void {
    this.#hooks.wanted();
  }

  /**
   * Right before it pipes, Fastify listens to the body and then to the response. What it does when the response closes is for a body that
   * still flows. It would keep the request and the reply for as long as the stream is open.
   */
  #releaseReply(): void {
    const before = this.#before ?? listenersOf(this.#response);
    for (const [name, listeners] of listenersOf(this.#response)) {
      for (const listener of listeners) {
        if (before.get(name)?.includes(listener)) continue;
        Reflect.apply(this.#response.off, this.#response, [name, listener]);
      }
    }
  }
}

function listenersOf(response: ServerResponse) {
  return new Map(response.eventNames().map((name) => [name, response.listeners(name)]));
}
