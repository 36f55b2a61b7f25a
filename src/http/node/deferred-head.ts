import type { ServerResponse } from 'node:http';
import { type Gate, gates, install, type Methods, refuse, type Step, uninstall, type Way } from './gated-methods.js';
import { discardHead, type HeadSnapshot, isHeadBegun, isSameHead, restoreHead, snapshotHead } from './response-head.js';

/** What happens right before the head of a response goes out. */
export interface HeadHooks {
  /**
   * Runs once. May set headers such as `Set-Cookie`, `Vary` and `Cache-Control`; leaves status and body headers
   * (`Content-*`, `ETag`, `Location`) to the application. Without a promise the response goes on at once.
   */
  commit(): void | Promise<void>;
  /** Answers the request, as nothing of the handler's answer was sent. Must not throw: then the connection is cut. */
  fail(error: unknown): void;
}

type Phase = 'settled' | 'open' | 'pending' | 'abandoned' | 'failed';

/**
 * Runs `hooks.commit()` before the first byte of `response` is sent: the first of `writeHead`, `write`, `end` and
 * `flushHeaders` starts it, whether it comes from the application or from the framework.
 *
 * - **Synchronous commit**: the call goes on at once, and the response is Node's own again.
 * - **Asynchronous commit**: calls wait in order and `write()` answers false, then one `drain` follows. A chunk is kept
 *   as it is, not copied: do not reuse a buffer before its callback or `drain`. `headersSent` stays false, so an error
 *   handler may still answer instead: a call after status or body headers were changed starts the answer over. Calls
 *   after `end` are refused, and the head of the ended answer is what goes out.
 * - **Failed commit**: nothing has been sent. The answer is discarded with its status and body headers, the call that
 *   started it returns as if the client were gone (`write` false, no `drain`, callbacks with an error), and
 *   `hooks.fail(error)` is called on the next tick. From then on these calls count as the error's answer: those made
 *   within `fail`, and later ones once a status, a body header or `writeHead` has begun it; all others are the
 *   abandoned handler's and are refused, as is everything after `end`. So an error handler that answers after `fail`
 *   returned says a status or a type first, as all of Express's helpers do. The one case that cannot be told apart
 *   is an abandoned handler that writes while such an error handler is between its status and its `end`.
 * - **Failure after the head was sent** (a queued call that Node refuses): the response is destroyed, then `fail` is
 *   called for the record.
 * - **Disconnected client**: commit still runs, and Node itself discards what is then written.
 *
 * Deferring one response twice runs both commits, the one registered last first; when it fails, the other still runs
 * before the error's answer.
 */
export function deferHead(response: ServerResponse, hooks: HeadHooks): void {
  const known = gates.get(response);
  const head = known instanceof Head ? known : new Head(response);
  head.defer(response, hooks);
}

class Head implements Gate {
  readonly original: Methods;
  #phase: Phase = 'settled';
  /** Those whose commit has not run. */
  readonly #waiting: HeadHooks[] = [];
  #running: HeadHooks | undefined;
  #queue: Step[] = [];
  #decided: HeadSnapshot | undefined;
  #isPaused = false;
  #isEnded = false;
  #hasFailed = false;
  #isAnswering = false;

  constructor({ writeHead, write, end, flushHeaders }: ServerResponse) {
    this.original = { writeHead, write, end, flushHeaders };
  }

  defer(response: ServerResponse, hooks: HeadHooks): void {
    this.#waiting.push(hooks);
    if (this.#phase !== 'settled') return;
    this.#phase = 'open';
    gates.set(response, this);
    install(response, this.original);
  }

  get isSettled(): boolean {
    return this.#phase === 'settled';
  }

  takes(response: ServerResponse, isAnswer = false): boolean {
    switch (this.#phase) {
      case 'abandoned':
        return false;
      case 'pending':
        return !this.#isEnded;
      case 'failed':
        return !response.writableEnded && (this.#isAnswering || isAnswer || isHeadBegun(response));
      default:
        return true;
    }
  }

  enter(response: ServerResponse, isAnswer = false): Way {
    if (this.#phase === 'settled') return 'go';
    if (!this.takes(response, isAnswer)) return 'drop';
    if (this.#phase !== 'pending') return this.#commit(response);
    if (this.#decided !== undefined && !isSameHead(response, this.#decided)) {
      this.#refuseQueue();
      this.#decided = snapshotHead(response);
    }
    return 'wait';
  }

  hold(step: Step): void {
    // The head is decided once: Node's implicit writeHead, through a wrapper, adds nothing to it.
    if (step.kind === 'writeHead' && this.#queue.length > 0) return;
    this.#queue.push(step);
    if (step.kind === 'write') this.#isPaused = true;
    if (step.kind === 'end') this.#isEnded = true;
  }

  #commit(response: ServerResponse): Way {
    this.#phase = 'pending';
    for (let hooks = this.#waiting.pop(); hooks !== undefined; hooks = this.#waiting.pop()) {
      this.#running = hooks;
      try {
        const promise = hooks.commit();
        if (promise) {
          this.#decided ??= snapshotHead(response);
          promise.then(
            () => this.#commit(response) === 'go' && this.#replay(response),
            (error: unknown) => this.#abandon(response, error),
          );
          return 'wait';
        }
      } catch (error) {
        this.#abandon(response, error);
        return 'drop';
      }
    }
    this.#phase = this.#hasFailed ? 'failed' : 'settled';
    if (!this.#hasFailed && uninstall(response, this.original)) gates.delete(response);
    return 'go';
  }

  #replay(response: ServerResponse): void {
    const queue = this.#queue;
    const decided = this.#decided;
    let next = 0;
    this.#queue = [];
    this.#decided = undefined;
    this.#isEnded = false;
    this.#isAnswering = true;
    try {
      if (decided !== undefined && !response.headersSent) restoreHead(response, decided);
      while (next < queue.length) queue[next++]?.run();
    } catch (error) {
      this.#queue = queue.slice(next);
      this.#abandon(response, error);
      return;
    } finally {
      this.#isAnswering = false;
    }
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!response.writableEnded && !response.destroyed && !response.writableNeedDrain) response.emit('drain');
  }

  #abandon(response: ServerResponse, error: unknown): void {
    this.#phase = 'abandoned';
    this.#hasFailed = true;
    this.#decided = undefined;
    this.#isPaused = false;
    this.#isEnded = false;
    this.#refuseQueue();
    // On top of every wrapper: what a compression still holds belongs to the discarded answer.
    install(response, response);
    // Later than the rest of the handler's synchronous run, which thus cannot mix with the error's answer.
    process.nextTick(() => this.#answer(response, error));
  }

  #answer(response: ServerResponse, error: unknown): void {
    // An abandoned pipe() must not resume into the error's answer.
    response.removeAllListeners('drain');
    if (response.headersSent) response.destroy();
    else discardHead(response);
    this.#phase = 'failed';
    this.#isAnswering = true;
    try {
      this.#running?.fail(error);
    } catch {
      response.destroy();
    } finally {
      this.#isAnswering = false;
    }
  }

  #refuseQueue(): void {
    for (const step of this.#queue) refuse(step.callback);
    this.#queue = [];
  }
}
