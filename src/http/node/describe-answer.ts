import { isOfAnswer } from '../../lib/body-headers.js';
import type { StreamHead } from '../../ports/stream.js';
import type { Exchange } from '../exchange.js';

/** The headers of a response. */
type Headed = Pick<Exchange, 'responseHeader' | 'setResponseHeader' | 'responseHeaderNames' | 'removeResponseHeader'>;

/**
 * Adds the headers of an answer to those that the application has set. Cookies of both stay. Headers that described another body go:
 * a Content-Length, for one, would cut a stream off.
 */
export function describeAnswer(response: Headed, headers: StreamHead['headers']): void {
  for (const name of response.responseHeaderNames()) {
    if (isOfAnswer(name, response.responseHeader(name))) response.removeResponseHeader(name);
  }
  for (const [name, value] of Object.entries(headers)) {
    const lines = typeof value === 'string' ? [value] : value;
    const kept = name === 'set-cookie' ? response.responseHeader(name) : [];
    const all = [...kept, ...lines];
    response.setResponseHeader(name, all.length === 1 && all[0] !== undefined ? all[0] : all);
  }
}
