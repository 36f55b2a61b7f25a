import type { OpenedSession } from '../../storage/session-source.js';
import type { Activation } from '../activation.js';
import type { Visit } from '../visit.js';
import type { WebExchange } from './web-exchange.js';

/** What is needed of an activation to end a request. */
type Committing<Kind extends OpenedSession> = Pick<Activation<Kind, object>, 'commit' | 'forgo'>;

/**
 * Saves the session, and adds its headers to a response. Returns the response to send.
 * @throws SessionDataInvalid @throws SessionTooLarge @throws StoreUnavailable; then no header was set
 */
export async function commitOnto<Kind extends OpenedSession>(
  activation: Committing<Kind>,
  exchange: WebExchange,
  visit: Visit<Kind>,
  response: Response,
): Promise<Response> {
  try {
    if (!exchange.answer(response, visit.isRead)) {
      activation.forgo(visit);
      return response;
    }
    const committed = activation.commit(exchange, visit);
    if (committed instanceof Promise) await committed;
    return exchange.response;
  } catch (error) {
    // Nobody will read it: what produces it must learn that.
    response.body?.cancel().catch(() => undefined);
    throw error;
  } finally {
    exchange.end();
  }
}

/** Ends a request whose handler failed, so that there is no response to add headers to. */
export function giveUp<Kind extends OpenedSession>(
  activation: Committing<Kind>,
  exchange: WebExchange,
  visit: Visit<Kind>,
): void {
  activation.forgo(visit);
  exchange.end();
}
