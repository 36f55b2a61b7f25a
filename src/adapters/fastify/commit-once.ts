import type { Exchange } from '../../http/exchange.js';

/** Commits a request's session, to this exchange's response. */
export type Commit = (exchange: Exchange) => void | Promise<void>;

/**
 * A commit that runs once: `onSend` comes again for the answer of an error handler, and the raw head comes after `onSend`. A
 * call while the commit runs waits for it. A later call does nothing, even after a failure.
 */
export function commitOnce(commit: Commit): Commit {
  let isBegun = false;
  let running: Promise<void> | undefined;
  return (exchange) => {
    if (isBegun) return running;
    isBegun = true;
    const result = commit(exchange);
    if (!(result instanceof Promise)) return undefined;
    running = result.finally(() => {
      running = undefined;
    });
    return running;
  };
}
