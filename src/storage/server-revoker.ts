import type { Guarantee } from '../ports/revocation-log.js';
import type { SessionRecord } from '../ports/store.js';
import { knownOnly } from '../session/known-only.js';
import { SessionModel, stateOf } from '../session/session.js';
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
import type { ServerSettings } from './server-session-options.js';
import type { SessionEnder } from './session-ender.js';

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
    const judged = judgeTarget(target);
    if (target instanceof SessionModel) target.revoke(reason);
    const originId = target instanceof SessionModel ? stateOf(target).origin?.id : undefined;
    const ended = await this.#carryOut(judged, originId, reason);
    return { ...(ended !== undefined && { ended }), guarantee };
  }

  async #carryOut(target: JudgedTarget, originId: string | undefined, reason: string): Promise<number | undefined> {
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
        return await this.#ender.endUser(uid, await this.#find(uid, exceptLineage), reason);
      }
      case 'sid':
        return isOpaqueSid(target.sid) ? await this.#endOne(idOf(target.sid), reason) : 0;
      case 'listed': {
        const found = await this.#loader.follow(target.id, this.#settings.clock.now());
        const isTheirs = found !== undefined && !isRetired(found) && found.uid === target.uid;
        return isTheirs ? await this.#endOne(found.id, reason) : 0;
      }
      case 'session': {
        const { id, lineage, uid } = target;
        if ((await this.#endOne(id, reason)) === 1) return 1;
        if (originId !== undefined && originId !== id && (await this.#endOne(originId, reason)) === 1) return 1;
        // Rotated so long ago that its tombstone is gone.
        const record = uid === undefined ? undefined : await this.#find(uid, lineage);
        return record === undefined ? 0 : await this.#endOne(record.id, reason);
      }
    }
  }

  async #find(uid: string, lineage: string | undefined): Promise<SessionRecord | undefined> {
    if (lineage === undefined) return undefined;
    const records = await this.#store.ofUser(uid, this.#settings.clock.now());
    return records.find((record) => record.lineage === lineage);
  }

  async #endOne(id: string, reason: string): Promise<number> {
    return typeof (await this.#ender.end(id, reason)) === 'string' ? 0 : 1;
  }
}
