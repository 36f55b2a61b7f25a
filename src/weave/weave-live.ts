import { LiveSessions } from '../live/live-sessions.js';
import type { LiveOptions } from '../live/options.js';
import type { Bus } from '../ports/bus.js';
import { HandOver } from './hand-over.js';

/** Live sessions whose tabs miss nothing when a user signs in or out. */
export class WeaveLive extends LiveSessions {
  readonly #handOver: HandOver;

  /** @throws TypeError that names the invalid option */
  constructor(options: LiveOptions & { readonly bus: Bus }) {
    super(options);
    this.#handOver = new HandOver(options.bus);
  }

  /** @internal The first stream of a tab after a sign-in or sign-out gets what was sent since. */
  protected override async resumeFrom(lineage: string, instance: string): Promise<string | undefined> {
    return await this.#handOver.take(lineage, instance);
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
