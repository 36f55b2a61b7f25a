import type { Guarantee } from '../../ports/revocation-log.js';
import { hostOf, SessionModel } from '../../session/session.js';
import type { GuardedStore } from '../guarded-store.js';
import type { RevocationList } from '../revocation/revocation-list.js';
import {
  type JudgedTarget,
  judgeRevokeOptions,
  judgeTarget,
  type RevokeOptions,
  type RevokeResult,
  type RevokeTarget,
} from '../revocation/target.js';
import type { Ended, SessionEnder } from './ender.js';
import { ServerHost } from './host.js';
import type { ServerSettings } from './options.js';
import { type SessionFinder, storedNames } from './session-finder.js';
import { idOf, isOpaqueSid } from './sid.js';

const EVERY_REACH: readonly Guarantee[] = ['process', 'log', 'instances'];

/** Ends server-side sessions from outside their own requests. */
export class ServerRevoker<Data, User> {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #finder: SessionFinder<Data, User>;
  readonly #ender: SessionEnder;
  readonly #commit: object;

  /** `commit`: the object that all sessions of this storage share. */
  constructor(
    settings: ServerSettings,
    commit: object,
    store: GuardedStore,
    finder: SessionFinder<Data, User>,
    ender: SessionEnder,
  ) {
    this.#settings = settings;
    this.#commit = commit;
    this.#store = store;
    this.#finder = finder;
    this.#ender = ender;
  }

  async revoke(target: RevokeTarget, options: RevokeOptions): Promise<RevokeResult> {
    const list = this.#onlyList(target);
    const { reason, wait } =
      list === undefined
        ? judgeRevokeOptions(options, this.#store.reach === 'process' ? ['process'] : EVERY_REACH, 'store')
        : judgeRevokeOptions(options, list.reach, 'revocation list', list.limit);
    const ender = wait === 'process' ? this.#ender.withoutLog() : this.#ender;
    const judged = judgeTarget(target);
    if (target instanceof SessionModel && this.#ownHandle(target) !== undefined) target.revoke(reason);
    const ended = await this.#carryOut(ender, judged, target, reason, list && wait);
    // Also if there was nothing to end: another call may have ended the session just before, and its streams still end.
    await this.#ender.settled();
    return {
      ...(ended !== undefined && { ended }),
      guarantee: list === undefined ? this.#store.reach : reachedBy(list, wait),
    };
  }

  /** The list, if nothing but the list can end what the target names. */
  #onlyList(target: RevokeTarget): RevocationList | undefined {
    return target === 'everyone' && !this.#store.canDeleteAll ? this.#settings.revocations : undefined;
  }

  /**
   * The handle of a session of this storage. A session of another storage is only a name here, even if both use one
   * store.
   */
  #ownHandle<D, U>(session: SessionModel<D, U>): ServerHost<D, U> | undefined {
    const host = hostOf(session);
    return host instanceof ServerHost && host.commit === this.#commit ? host : undefined;
  }

  #isUnstored<D, U>(session: SessionModel<D, U>): boolean {
    const handle = this.#ownHandle(session);
    return handle !== undefined && handle.stored === undefined;
  }

  async #carryOut(
    ender: SessionEnder,
    target: JudgedTarget,
    given: RevokeTarget,
    reason: string,
    wait: Guarantee | undefined,
  ): Promise<number | undefined> {
    const store = this.#store.afresh();
    switch (target.kind) {
      case 'everyone':
        if (!store.canDeleteAll && this.#settings.revocations === undefined) {
          throw new TypeError(
            "revoke: this store has no deleteAll, so 'everyone' needs the option revocations: new RevocationList()",
          );
        }
        return await ender.endEveryone(store, reason, wait);
      case 'user':
        return await ender.endUser(store, target.uid, target.exceptLineage, reason);
      case 'sid':
        return isOpaqueSid(target.sid) ? countOf(await ender.end(store, idOf(target.sid), reason)) : 0;
      case 'listed': {
        const found = await this.#finder.find(store, target, this.#settings.clock.now());
        if (found === undefined) return 0;
        const { id, lineage, uid } = found;
        return countOf(await ender.endStored(store, { id, lineage, uid: uid ?? undefined }, reason));
      }
      case 'session': {
        if (given instanceof SessionModel && this.#isUnstored(given)) return 0;
        const names = given instanceof SessionModel ? storedNames(given) : target;
        const { id, lineage = target.lineage, uid } = names;
        const ended = await ender.endStored(store, { id, lineage, uid }, reason);
        if (ended !== 'unknown') return countOf(ended);
        await ender.announceNames(id, lineage, reason);
        // Without the uid, it is unknown whether the session has ended or has a newer id.
        return uid === undefined ? undefined : 0;
      }
    }
  }
}

/** How far a revocation has reached that waited like this. */
function reachedBy(list: RevocationList, wait: Guarantee | undefined): Guarantee {
  return wait === undefined || wait === 'log' ? list.guarantee : wait;
}

function countOf(ended: Ended): number {
  return typeof ended === 'string' ? 0 : 1;
}
