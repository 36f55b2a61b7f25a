import { LiveSessions } from '../live/live-sessions.js';
import { readWish } from '../live/opener.js';
import type { LiveOptions } from '../live/options.js';
import type { Bus } from '../ports/bus.js';
import type { Sink, StreamRequest } from '../ports/stream.js';
import { SessionModel } from '../session/session.js';
import { HandOver } from './hand-over.js';

/** Live sessions whose tabs miss nothing when a user signs in or out. */
export class WeaveLive extends LiveSessions {
  readonly #handOver: HandOver;

  /** @throws TypeError that names the invalid option */
  constructor(options: LiveOptions & { readonly bus: Bus }) {
    super(options);
    this.#handOver = new HandOver(options.bus);
  }

  /** As `LiveSessions` does. The first stream of a tab after a sign-in or sign-out gets what was sent since. */
  override async open(request: StreamRequest, sink: Sink): Promise<void> {
    const { session, method, headers } = request;
    const instance = readWish(request)?.instance;
    if (!(session instanceof SessionModel) || session.isNew || method !== 'GET' || instance === undefined) {
      return await super.open(request, sink);
    }
    const last = await this.#handOver.take(session.lineage, instance);
    const resumed = last === undefined ? request : { ...request, headers: { ...headers, 'last-event-id': last } };
    await super.open(resumed, sink);
  }

  /**
   * The tabs of a session, and the one that is named, are about to open streams of another session.
   * @throws StoreUnavailable
   */
  async handOver(from: string, to: string, instance: string | undefined): Promise<void> {
    const tabs = (await this.tabs(from)).filter(({ isOpen }) => isOpen).map((tab) => tab.instance);
    await this.#handOver.begin(to, instance === undefined ? tabs : [...tabs, instance]);
  }
}
