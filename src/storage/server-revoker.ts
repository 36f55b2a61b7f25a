import type { Guarantee } from '../ports/revocation-log.js';
import { knownOnly } from '../session/known-only.js';
import { hostOf, SessionModel, type SessionRef } from '../session/session.js';
import type { GuardedStore } from './guarded-store.js';
import { idOf, isOpaqueSid } from './opaque-sid.js';
import { isRetired, type RecordLoader } from './record-loader.js';
import {
  type JudgedTarget,
  judgeTarget,
  type RevokeOptions,
  type RevokeResult,
  type RevokeTarget,
} from './revoke-target.js';
import { ServerHandle } from './server-handle.js';
import type { ServerSettings } from './server-session-options.js';
import type { Ended, SessionEnder } from './session-ender.js';

/** Ends server-side sessions from outside a request of theirs. */
export class ServerRevoker {
  readonly #settings: ServerSettings;
  readonly #store: GuardedStore;
  readonly #loader: RecordLoader;
  readonly #ender: SessionEnder;

  constructor(settings: ServerSettings, store: GuardedStore, loader: RecordLoader, ender: SessionEnder) {
    this.#settings = settings;
    this.#store = store;
    this.#loader = loader;
    this.#ender = ender;
  }

  async revoke(target: RevokeTarget, options: RevokeOptions): Promise<RevokeResult> {
    knownOnly('revoke', options, ['reason', 'wait']);
    const { reason = 'revoked', wait = 'process' } = options;
    if (typeof reason !== 'string') throw new TypeError('revoke: option reason: expected a string');
    const guarantee: Guarantee = this.#store.reach;
    const possible: readonly Guarantee[] = guarantee === 'process' ? ['process'] : ['process', 'log', 'instances'];
    if (!possible.includes(wait)) {
      throw new TypeError(`revoke: wait, with this store, is one of ${possible.join(', ')}`);
    }
    const judged = judgeTarget(storedOf(target) ?? target);
    if (target instanceof SessionModel) target.revoke(reason);
    const ended = await this.#carryOut(judged, reason);
    return { ...(ended !== undefined && { ended }), guarantee };
  }

  async #carryOut(target: JudgedTarget, reason: string): Promise<number | undefined> {
    switch (target.kind) {
      case 'everyone':
        if (!this.#store.canDeleteAll && this.#settings.revocations === undefined) {
          throw new TypeError(
            "ending everyone's sessions takes a store with deleteAll, or revocations: new RevocationList()",
          );
        }
        return await this.#ender.endEveryone(reason);
      case 'user': {
        const { uid, exceptLineage } = target;
        if (exceptLineage === undefined) return await this.#ender.endUser(uid, undefined, reason);
        return await this.#ender.endOthers(uid, exceptLineage, reason);
      }
      case 'sid':
        return isOpaqueSid(target.sid) ? countOf(await this.#ender.end(idOf(target.sid), reason)) : 0;
      case 'listed': {
        const found = await this.#loader.follow(target.id, this.#settings.clock.now());
        if (found === undefined || isRetired(found) || found.uid !== target.uid) return 0;
        const { id, lineage, uid } = found;
        return countOf(await this.#ender.endStored({ id, lineage, uid }, reason));
      }
      case 'session': {
        const { id, lineage, uid } = target;
        return countOf(await this.#ender.endStored({ id, lineage, uid }, reason));
      }
    }
  }
}

/** What a session was last seen stored as: its own id may be one that nothing is stored under yet. */
function storedOf(target: RevokeTarget): SessionRef | undefined {
  const host = target instanceof SessionModel ? hostOf(target) : undefined;
  return host instanceof ServerHandle ? host.stored : undefined;
}

function countOf(ended: Ended): number {
  return typeof ended === 'string' ? 0 : 1;
}
