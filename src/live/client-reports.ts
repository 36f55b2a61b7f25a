import { isInstanceId } from '../lib/instance-id.js';
import type { Clock } from '../ports/clock.js';
import type { Sink, StreamRequest } from '../ports/stream.js';
import type { SessionModel } from '../session/session.js';
import type { Activity } from './activity.js';
import { answer } from './answer.js';
import type { CookieClaims } from './cookie-claims.js';

/** Answers what a client posts beside its stream: that its page is visible or hidden, and claims of cookies. */
export class ClientReports {
  readonly #clock: Clock;
  readonly #activity: Activity;
  readonly #claims: CookieClaims;

  constructor(clock: Clock, activity: Activity, claims: CookieClaims) {
    this.#clock = clock;
    this.#activity = activity;
    this.#claims = claims;
  }

  /** @throws StoreUnavailable */
  async take({ headers }: StreamRequest, session: SessionModel<unknown, unknown>, sink: Sink): Promise<void> {
    const claim = headers['x-session-claim'];
    if (claim !== undefined) {
      const cookie = await this.#claims.redeem(claim, session.lineage);
      if (cookie === undefined) answer(sink, 404);
      else answer(sink, 204, { 'set-cookie': cookie });
      return;
    }
    const instance = headers['x-session-instance'];
    const [, visibility, active] =
      /^(visible|hidden)(?:; *active=(\d{1,12}))?$/.exec(headers['x-session-visibility'] ?? '') ?? [];
    if (visibility === undefined || !isInstanceId(instance)) return answer(sink, 400);
    const { lineage, uid } = session;
    this.#activity.note({
      lineage,
      uid,
      instance,
      isVisible: visibility === 'visible',
      ...(active === undefined ? {} : { at: Math.max(0, this.#clock.now() - Number(active)) }),
    });
    answer(sink, 204);
  }
}
