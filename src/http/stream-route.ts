import { kindOf } from '../lib/kind-of.js';
import { FieldsRule } from '../lib/rules/fields.js';
import { hasMethods, strictOptions } from '../lib/strict-options.js';
import { isThenable } from '../lib/thenable.js';
import { warn } from '../lib/warn.js';
import { EVENT_STREAM } from '../ports/event-stream.js';
import type { StreamRequest, StreamSource } from '../ports/stream.js';
import { isSession } from '../session/is-session.js';
import { propertyOf } from './place.js';
import { propertyOption } from './property-option.js';
import type { AdapterSink } from './sink.js';

/** The options of `stream`. */
export interface StreamOptions {
  /** The property of the request that holds the session, as for `activateSessions`. Default `'session'`. */
  readonly property?: string | undefined;
}

/** A request as a framework has it. */
export interface AskedRequest extends Pick<StreamRequest, 'headers' | 'url'> {
  readonly method: string;
}

/** Answers requests by a source. Adapters leave `OPTIONS` to their framework. */
export interface StreamRoute {
  /**
   * Answers one request through a sink.
   * @param holder what has the session as its property
   */
  answer(request: AskedRequest, holder: object | undefined, sink: AdapterSink): void;
}

/** The methods that a stream answers. */
export const ALLOW = 'GET, HEAD, POST';

const NOT_ALLOWED = { status: 405, headers: { allow: ALLOW, 'cache-control': 'no-store', 'content-length': '0' } };

const OPTIONS = new FieldsRule({ property: propertyOption });

/** @throws TypeError naming the option that is wrong, or if `source` produces no streams */
export function streamRoute<Session>(source: StreamSource<Session>, options: StreamOptions | undefined): StreamRoute {
  if (!hasMethods(source, 'open')) {
    throw new TypeError(`stream: expected a source of streams, such as LiveSessions, got ${kindOf(source)}`);
  }
  const { property } = strictOptions('stream', OPTIONS, options);
  let isWarned = false;
  const fail = (sink: AdapterSink, error: unknown): void => {
    if (sink.fail(error) || isWarned) return;
    isWarned = true;
    warnOfSource(error);
  };
  return {
    answer: (request, holder, sink) => {
      try {
        const opening = answerBy(source, request, holder, property, sink);
        if (isThenable(opening)) opening.then(undefined, (error: unknown) => fail(sink, error));
      } catch (error) {
        fail(sink, error);
      }
    },
  };
}

function warnOfSource(error: unknown): void {
  warn(
    'SESSIONS_STREAM_FAILED',
    `a source of streams threw ${error instanceof Error ? error.name : typeof error} after its response had begun: that stream was cut`,
  );
}

function answerBy(
  source: StreamSource,
  { method, headers, url }: AskedRequest,
  holder: object | undefined,
  property: string,
  sink: AdapterSink,
): unknown {
  if (method === 'GET' || method === 'POST') {
    return source.open({ session: sessionIn(holder, property), method, headers, url }, sink);
  }
  if (method === 'HEAD') {
    // The head of a GET depends on the session, too.
    sessionIn(holder, property);
    return sink.answer(EVENT_STREAM);
  }
  return sink.answer(NOT_ALLOWED);
}

/** The session that `activateSessions` has put there; `undefined` if it gave the request none. */
function sessionIn(holder: object | undefined, property: string): unknown {
  const isOurs = holder !== undefined && propertyOf(holder, property)?.get !== undefined;
  const session: unknown = isOurs ? Reflect.get(holder, property) : null;
  if (isSession(session) || session === undefined) return session;
  throw new TypeError(
    `stream: the request has no session in ${JSON.stringify(property)}: install activateSessions before the route, check its option only, and pass its option property to stream, too`,
  );
}
