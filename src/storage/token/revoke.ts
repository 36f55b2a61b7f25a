import type { NewRevocation } from '../../ports/revocation-log.js';
import { SessionModel, stateOf } from '../../session/session.js';
import { Refusal } from '../../token/refusal.js';
import { factsOf, type SessionEventEmitter, type SessionEvents } from '../events.js';
import type { RevocationEntries } from '../revocation/entries.js';
import { REUSED } from '../revocation/reasons.js';
import {
  judgeRevokeOptions,
  judgeTarget,
  type RevokeOptions,
  type RevokeResult,
  type RevokeTarget,
} from '../revocation/target.js';
import type { TokenSettings } from './options.js';
import type { TokenFacts, TokenReader } from './reader.js';
import type { TokenRegistry } from './registry.js';

/** The entries that a target requires. */
interface Plan {
  readonly entries: readonly NewRevocation[];
  /** How many sessions that ends, if it is known. */
  readonly ended?: number;
  readonly names: Omit<SessionEvents['ended'], 'reason'>;
  /** The lineages whose records the registry removes. */
  readonly lineages?: readonly string[];
}

/** Ends token sessions from outside their own requests. */
export class TokenRevoker<Data, User> {
  readonly #settings: TokenSettings;
  readonly #reader: TokenReader<Data, User>;
  readonly #entries: RevocationEntries;
  readonly #events: SessionEventEmitter;
  readonly #registry: TokenRegistry | undefined;

  constructor(
    settings: TokenSettings,
    reader: TokenReader<Data, User>,
    entries: RevocationEntries,
    events: SessionEventEmitter,
    registry: TokenRegistry | undefined,
  ) {
    this.#settings = settings;
    this.#reader = reader;
    this.#entries = entries;
    this.#events = events;
    this.#registry = registry;
  }

  async revoke(target: RevokeTarget, options: RevokeOptions): Promise<RevokeResult> {
    const list = this.#settings.revocations;
    if (list === undefined) {
      throw new TypeError(
        'revoke: tokens can be ended only with a revocation list: give SessionStorage the option revocations: new RevocationList()',
      );
    }
    const { reason, wait } = judgeRevokeOptions(options, list.reach, 'revocation list', list.limit);
    const now = this.#settings.clock.now();
    const plan = this.#plan(target, reason, now);
    const { entries, ended, names } = plan;
    const added = list.add(entries, now, { wait });
    if (ended !== 0) this.#events.emit('ended', { ...names, reason });
    if (wait === 'process') added.catch(() => undefined);
    const forgotten = this.#forget(plan, reason);
    const [guarantee] = await Promise.all([
      wait === 'process' ? wait : added,
      wait === 'process' ? undefined : forgotten,
      list.effects.settled(),
      this.#events.effects.settled(),
    ]);
    return { ...(ended !== undefined && { ended }), guarantee };
  }

  /**
   * Ends the session of a token that was replaced and used again. In this process at once; nothing waits for the log,
   * because the request with that token is refused anyway.
   */
  endReused(facts: TokenFacts<Data, User>, now: number): void {
    const list = this.#settings.revocations;
    const { lineage } = facts;
    // Another lineage replaced it, or it has ended already.
    if (list === undefined || list.findNames({ lineage }, now) !== undefined) return;
    list.add([this.#entries.ofSession(facts, REUSED, now)], now).catch(() => undefined);
    this.#events.emit('ended', { ...factsOf(facts), reason: REUSED });
    if (facts.uid !== undefined) void this.#registry?.forget(REUSED, lineage);
  }

  /** Sessions of everyone are not removed, because a sign-in under way must stay: they are no longer listed. */
  #forget({ names: { uid }, lineages }: Plan, reason: string): Promise<void> | undefined {
    if (lineages !== undefined) return this.#registry?.forget(reason, ...lineages);
    return uid === undefined ? undefined : this.#registry?.forgetEnded(uid);
  }

  #plan(target: RevokeTarget, reason: string, now: number): Plan {
    const judged = judgeTarget(target);
    switch (judged.kind) {
      case 'everyone':
        return { entries: [this.#entries.ofEveryone(reason, now)], names: {} };
      case 'user': {
        const { uid, exceptLineage } = judged;
        const except = exceptLineage === undefined ? [] : [exceptLineage];
        return {
          entries: [this.#entries.ofUser(uid, except, reason, now)],
          names: exceptLineage === undefined ? { uid } : { uid, except: exceptLineage },
        };
      }
      case 'sid': {
        const read = this.#reader.read(judged.sid, now);
        const facts = read instanceof Refusal ? read.session : read;
        if (facts === undefined) return { entries: [], ended: 0, names: {}, lineages: [] };
        const { id, lineage, uid } = facts;
        return {
          entries: [this.#entries.ofSession(facts, reason, now)],
          ended: 1,
          names: { id, lineage, uid },
          lineages: uid === undefined ? [] : [lineage],
        };
      }
      case 'listed': {
        // The lineage is not known. It equals the id until the first rotation; after that, only the token with this id
        // ends.
        const { id } = judged;
        return { entries: this.#entries.ofNames(id, id, reason, now), names: { id }, lineages: [id] };
      }
      case 'session': {
        const { id, lineage } = judged;
        const known = typeof target === 'object' ? this.#registry?.known(target) : undefined;
        if (known !== undefined) {
          const entry = this.#entries.ofSession(known, reason, now);
          return { entries: [entry], ended: 1, names: factsOf(known), lineages: [lineage] };
        }
        if (!(target instanceof SessionModel)) {
          return {
            entries: this.#entries.ofNames(id, lineage, reason, now),
            ended: 1,
            names: { id, lineage },
            lineages: [lineage],
          };
        }
        target.revoke(reason);
        return {
          entries: this.#entries.ofState(stateOf(target), reason, now),
          ended: 1,
          names: { id, lineage, uid: target.uid },
          lineages: [lineage, stateOf(target).origin?.lineage ?? lineage],
        };
      }
    }
  }
}
