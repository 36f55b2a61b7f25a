import { Readable } from 'node:stream';

/** What the source of a body needs to know. */
interface BodyHooks {
  /** Fastify has run its hooks, and is about to send the body to the response. The head is not sent yet. */
  piped(): void;
  /** More can be pushed. */
  wanted(): void;
}

/**
 * The payload of a stream, for the `onSend` hooks. If none has put another in its place, nothing flows through it: Fastify's `pipe` only
 * says that the response is ready.
 */
export class StreamBody extends Readable {
  readonly #response: object;
  readonly #hooks: BodyHooks;

  constructor(response: object, hooks: BodyHooks) {
    super();
    this.#response = response;
    this.#hooks = hooks;
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target, options?: { end?: boolean }): Target {
    // A hook has wrapped the body.
    if (!Object.is(target, this.#response)) return super.pipe(target, options);
    this.#hooks.piped();
    return target;
  }

  override _read(): void {
    this.#hooks.wanted();
  }
}
