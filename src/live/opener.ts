import { StoreUnavailable } from '../errors.js';
import { newId } from '../lib/id.js';
import { isInstanceId } from '../lib/instance-id.js';
import { EVENT_STREAM } from '../ports/event-stream.js';
import type { Sink, StreamRequest } from '../ports/stream.js';
import type { SessionModel } from '../session/session.js';
import { answer } from './answer.js';
import { lastBlock } from './closer.js';
import { Connection } from './connection.js';
import { framesOf } from './dispatcher.js';
import type { Hub } from './hub.js';
import { isDisputed, type Origin, replaces } from './place.js';
import { EVERYONE, eventId, markOf, positionIn, sessionTopic } from './topics.js';
import { dataOf, frame } from './wire.js';
import type { OpenEvent } from './wire-events.js';

/** How long a client waits before it connects again after a failure: ms. */
const RETRY = 2_000;

type AnySession = SessionModel<unknown, unknown>;

/** What a request for a stream asks for. */
export interface Wish extends Origin {
  /** `undefined`: the server is to choose. */
  readonly instance: string | undefined;
  /** The id of the last event that the client has; `undefined` for a first connection. */
  readonly lastId: string | undefined;
}

/** From which event id the first stream of a tab resumes; `undefined`: from now on. */
export type ResumeFrom = (lineage: string, instance: string) => Promise<string | undefined>;

/** What a client missed, and from where it can resume next time. */
interface Missed {
  readonly replayed: OpenEvent['data']['replayed'];
  readonly position: string;
  /** By event id. */
  readonly events: ReadonlyMap<string, Buffer>;
}

/** Opens streams: limits, the tab's id, what was missed, and the first event. */
export class Opener {
  readonly #hub: Hub;
  readonly #resume: ResumeFrom;

  constructor(hub: Hub, resume: ResumeFrom) {
    this.#hub = hub;
    this.#resume = resume;
  }

  /** Answers a request for a stream. @throws StoreUnavailable if the bus or the store does not answer; nothing was sent then */
  async open(request: StreamRequest, session: AnySession, sink: Sink): Promise<void> {
    const wish = readWish(request);
    if (wish === undefined) return answer(sink, 400);
    const hub = this.#hub;
    const earlier = wish.instance === undefined ? undefined : hub.registry.find(session.lineage, wish.instance);
    const isCopy = earlier !== undefined && !isSameTab(wish, earlier, hub.clock.now());
    if (!isCopy) earlier?.cut();
    const refusal = this.#refusalFor(session);
    if (refusal !== undefined) return answer(sink, refusal);
    const instance = isCopy ? newId() : (wish.instance ?? newId());
    const { page, previous } = wish;
    const isBack = !isCopy && (wish.lastId !== undefined || previous !== undefined);
    const connection = new Connection(session, { instance, page }, sink, hub.clock.now(), hub.connectionSettings);
    // From here on, it ends when its session does, and counts.
    hub.registry.add(connection);
    sink.onClose(() => connection.lose());
    try {
      await hub.listen(connection);
      // The session may have ended elsewhere before this process listened.
      await hub.checks.check(connection);
      if (connection.unchecked > 0) throw new StoreUnavailable('the session of a stream could not be checked');
      if (!isBack && (await hub.isOpenElsewhere(connection))) connection.instance = newId();
      // Not for a client that is gone: what it resumes from is known once.
      const missed = connection.isOver ? undefined : await this.#missedBy(connection, wish.lastId);
      if (missed === undefined || connection.isOver) answerEnded(connection, sink);
      else begin(connection, sink, missed);
    } catch (error) {
      connection.lose();
      throw error;
    }
    if (!connection.isOver) hub.opened(connection, isBack ? { page, previous } : undefined);
  }

  #refusalFor({ lineage, uid }: AnySession): 429 | 503 | undefined {
    const { registry, limits, isDraining } = this.#hub;
    if (isDraining || registry.size >= limits.perProcess) return 503;
    const isFull =
      registry.ofSession(lineage).length >= limits.perSession ||
      (uid !== undefined && registry.ofUser(uid).length >= limits.perUser);
    return isFull ? 429 : undefined;
  }

  async #missedBy(connection: Connection, asked: string | undefined): Promise<Missed> {
    const { feed } = this.#hub;
    const lastId = asked ?? (await this.#resume(connection.lineage, connection.instance));
    const after = lastId === undefined ? undefined : positionIn(lastId, connection.topics);
    if (after === undefined) {
      return { replayed: lastId === undefined ? null : false, position: await feed.position(), events: new Map() };
    }
    const { messages, isComplete } = await feed.history(connection.topics, after);
    const position = messages.length === 0 && !isComplete ? await feed.position() : after;
    return { replayed: isComplete, position, events: framesOf(messages, connection) };
  }
}

/** Answers the request of a stream that was over before it began. Nothing happens if its client is gone. */
function answerEnded({ last }: Connection, sink: Sink): void {
  if (last === undefined) {
    sink.cut();
    return;
  }
  sink.begin(EVENT_STREAM);
  sink.write(lastBlock(last));
  sink.end();
}

function begin(connection: Connection, sink: Sink, { replayed, position, events }: Missed): void {
  const { instance, lineage } = connection;
  sink.begin(EVENT_STREAM);
  const session = markOf(sessionTopic(lineage));
  const open: OpenEvent = { type: 'open', data: { instance, session, replayed } };
  connection.begin(frame(open.type, dataOf(open), { id: eventId(EVERYONE, position), retry: RETRY }), events);
}

/** A client that names no pages shows by an event that it had the earlier stream. */
function isSameTab(wish: Wish, earlier: Connection, now: number): boolean {
  const isBack = wish.page !== undefined || wish.lastId !== undefined;
  return isBack && replaces(wish, earlier.page) && !isDisputed(wish, earlier, now);
}

/** `undefined` for an id or a page that is malformed. A last id is judged later: a strange one is like one that is too old. */
function readWish({ headers, url }: StreamRequest): Wish | undefined {
  const query = new URLSearchParams(url.split('?', 2)[1] ?? '');
  const instance = query.get('instance') ?? headers['x-session-instance'];
  const lastId = headers['last-event-id'] ?? query.get('last') ?? undefined;
  const [page, previous] = ['page', 'previous'].map((name) => query.get(name) ?? undefined);
  if ([instance, page, previous].some((name) => name !== undefined && !isInstanceId(name))) return undefined;
  return { instance, page, previous, lastId: lastId === '' ? undefined : lastId };
}
