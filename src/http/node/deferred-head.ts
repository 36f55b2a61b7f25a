import type { ServerResponse } from 'node:http';
import { hasMethods } from '../../lib/strict-options.js';
import { cut } from './cut.js';
import { lookEnded } from './ended-look.js';
import {
  type Gate,
  gateOf,
  install,
  type Methods,
  refuse,
  type Step,
  setGate,
  uninstall,
  type Way,
} from './gated-methods.js';
import {
  canSendHead,
  discardHead,
  type HeadSnapshot,
  isHeadBegun,
  isSameHead,
  restoreHead,
  snapshotHead,
} from './response-head.js';

/** What to do right before the head of a response is sent. */
export interface HeadHooks {
  /**
   * Called once. May set headers such as `Set-Cookie`, `Vary` and `Cache-Control`, but not the status or body headers
   * (`Content-*`, `ETag`, `Location`). If it returns no promise, the response continues at once.
   */
  commit(): void | Promise<void>;
  /** Answers the request; nothing of the handler's answer was sent. If it throws, the connection is cut. */
  fail(error: unknown): void;
}

type Phase = 'settled' | 'open' | 'pending' | 'abandoned' | 'failed';

/**
 * Calls `hooks.commit()` before the first byte of `response` is sent. The first call of `writeHead`, `write`, `end` or
 * `flushHeaders` starts it, by the application or by the framework.
 *
 * - **Synchronous commit**: the call goes on at once, and the response has its own methods again.
 * - **Asynchronous commit**: calls wait in order. `write()` returns false, and one `drain` follows. Chunks are not copied:
 *   do not reuse a buffer before its callback or `drain`. `headersSent` stays false, so that an error handler can still answer
 *   instead: a call after the status or a body header changed starts the answer over. Calls after `end` are dropped, and
 *   the head at the time of `end` is sent.
 * - **Failed commit**: nothing was sent. The answer is discarded, with its status and body headers. The call that started
 *   it returns as if the client were gone (`write` false, no `drain`, callbacks with an error). `hooks.fail(error)` is
 *   called on the next tick. From then on, two kinds of calls are the error's answer: those made within `fail`, and those
 *   made after a status, a body header or `writeHead` has begun it. All others are dropped as the abandoned handler's, like
 *   everything after `end`. An error handler that answers after `fail` returned must set a status or type first, as
 *   all of Express's helpers do. One case is ambiguous: an abandoned handler that writes while such an error
 *   handler is between its status and its `end`.
 * - **Failure after the head was sent** (a queued call that Node refuses): the response is destroyed. Then `fail` is
 *   called, so that the error can be logged.
 * - **Disconnected client**: commit still runs. Node discards what is written.
 *
 * If one response is deferred twice, both commits run, the last one first. If it fails, the other still runs, before the
 * error's answer.
 *
 * @returns false, and calls nothing, for a response that sends no head: its head was sent, or it stands in for one, as during an
 *   upgrade to WebSocket or in a test
 */
export function deferHead(response: ServerResponse, hooks: HeadHooks): boolean {
  if (!canSendHead(response)) return false;
  const known = gateOf(response);
  const head = known instanceof Head ? known : new Head(response);
  head.defer(response, hooks);
  return true;
}

/**
 * Withdraws the hooks of {@link deferHead}: what they were for is done before the head was begun. The response has its own
 * methods again, unless others wait.
 */
export function withdrawHead(response: ServerResponse, hooks: HeadHooks): void {
  const known = gateOf(response);
  if (known instanceof Head) known.withdraw(response, hooks);
}

/** Calls back if what was begun of the answer so far is discarded, because a commit failed. */
export function whenAbandoned(response: ServerResponse, callback: () => void): void {
  const known = gateOf(response);
  if (known instanceof Head) known.abandoned = callback;
}

class Head implements Gate {
  readonly original: Methods;
  abandoned: (() => void) | undefined;
  #phase: Phase = 'settled';
  /** The hooks whose commit has not run. */
  readonly #waiting: HeadHooks[] = [];
  #running: HeadHooks | undefined;
  #queue: Step[] = [];
  #decided: HeadSnapshot | undefined;
  #isPaused = false;
  #isEnded = false;
  #hasFailed = false;
  #isAnswering = false;
  #lookOpen: (() => void) | undefined;

  constructor({ writeHead, write, end, flushHeaders }: ServerResponse) {
    this.original = { writeHead, write, end, flushHeaders };
  }

  defer(response: ServerResponse, hooks: HeadHooks): void {
    this.#waiting.push(hooks);
    if (this.#phase !== 'settled') return;
    this.#phase = 'open';
    setGate(response, this);
    install(response, this.original);
  }

  withdraw(response: ServerResponse, hooks: HeadHooks): void {
    const index = this.#waiting.indexOf(hooks);
    if (this.#phase !== 'open' || index === -1) return;
    this.#waiting.splice(index, 1);
    if (this.#waiting.length === 0) this.#settle(response);
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
        // In HTTP/2, `end` looks ended before it writes its head.
        if (response.writableEnded && response.headersSent) return false;
        return this.#isAnswering || isAnswer || isHeadBegun(response);
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

  hold(response: ServerResponse, step: Step): void {
    // The head is decided already: this is Node's implicit writeHead, through a wrapper.
    if (step.kind === 'writeHead' && this.#queue.length > 0) return;
    this.#queue.push(step);
    if (step.kind === 'write') this.#isPaused = true;
    if (step.kind !== 'end') return;
    this.#isEnded = true;
    this.#lookOpen ??= lookEnded(response);
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
    if (this.#hasFailed) this.#phase = 'failed';
    else this.#settle(response);
    return 'go';
  }

  #settle(response: ServerResponse): void {
    this.#phase = 'settled';
    this.abandoned = undefined;
    uninstall(response, this.original);
  }

  #replay(response: ServerResponse): void {
    const queue = this.#queue;
    const decided = this.#decided;
    let next = 0;
    let isFull = false;
    this.#queue = [];
    this.#decided = undefined;
    this.#reopen();
    this.#isAnswering = true;
    try {
      if (decided !== undefined && !response.headersSent) restoreHead(response, decided);
      while (next < queue.length) if (queue[next++]?.run() === false) isFull = true;
    } catch (error) {
      this.#queue = queue.slice(next);
      this.#abandon(response, error);
      return;
    } finally {
      this.#isAnswering = false;
    }
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (response.writableEnded || response.destroyed || isFull) return;
    if (hasMethods(response, 'emit')) response.emit('drain');
  }

  #abandon(response: ServerResponse, error: unknown): void {
    this.#phase = 'abandoned';
    this.#hasFailed = true;
    this.#decided = undefined;
    this.#isPaused = false;
    this.#reopen();
    this.#refuseQueue();
    this.abandoned?.();
    this.abandoned = undefined;
    // On top of every wrapper: what a compression has buffered belongs to the discarded answer.
    install(response, response);
    // After the rest of the handler's synchronous code, which would otherwise mix with the error's answer.
    process.nextTick(() => this.#answer(response, error));
  }

  #answer(response: ServerResponse, error: unknown): void {
    this.#phase = 'failed';
    this.#isAnswering = true;
    try {
      // An abandoned pipe() must not resume into the error's answer.
      if (hasMethods(response, 'removeAllListeners')) response.removeAllListeners('drain');
      if (response.headersSent) cut(response);
      else discardHead(response);
      this.#running?.fail(error);
    } catch {
      cut(response);
    } finally {
      this.#isAnswering = false;
    }
  }

  #reopen(): void {
    this.#isEnded = false;
    this.#lookOpen?.();
    this.#lookOpen = undefined;
  }

  #refuseQueue(): void {
    for (const step of this.#queue) refuse(step.callback);
    this.#queue = [];
  }
}
