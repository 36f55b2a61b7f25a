import type { SessionRecord } from '../../ports/store.js';
import type { SessionFacts } from '../events.js';
import type { SessionEnder } from './ender.js';
import type { GuardedStore } from './guarded-store.js';
import type { ServerSettings } from './options.js';
import type { Glance } from './record-codec.js';
import { isRetired, loadEntry } from './record-reader.js';

/** The reason of the event. */
const TOO_MANY = 'too many sessions';

/** A session that has just been stored, and the id from which its user signed in. */
export interface SignIn {
  readonly uid: string;
  readonly lineage: string;
  readonly replaces: string | undefined;
}

/** One of a user's sessions: all records of its lineage, of which a rotation under way has two. */
interface Counted extends SessionFacts {
  readonly created: number;
  readonly order: number;
  readonly replaces: string | undefined;
}

/**
 * Holds users to `maxSessionsPerUser`. It runs after a sign-in is stored and before its client gets the sid. Whoever stores last sees all the others, and
 * all agree on the order, so that of any number of sign-ins at once the newest stay, and no client ever holds one too many.
 *
 * A sign-in counts once it has won its rotation. Of several sign-ins from one id only one can win; the others are about to be removed.
 */
export class UserLimit {
  readonly #settings: ServerSettings;
  readonly #ender: SessionEnder;
  readonly #glance: (record: SessionRecord) => Glance;

  constructor(settings: ServerSettings, ender: SessionEnder, glance: (record: SessionRecord) => Glance) {
    this.#settings = settings;
    this.#ender = ender;
    this.#glance = glance;
  }

  /** False when the session that has just signed in is itself one of those that had to end. */
  async hold(store: GuardedStore, signIn: SignIn): Promise<boolean> {
    const { maxSessionsPerUser: most, clock } = this.#settings;
    if (most === null) return true;
    const now = clock.now();
    const sessions = this.#byLineage(await store.ofUser(signIn.uid, now));
    if (sessions.length <= most) return true;
    const excess = (await settledOf(store, sessions, signIn, now)).sort(newestFirst).slice(most).flat();
    await Promise.all(excess.map((session) => this.#ender.endStored(store, session, TOO_MANY)));
    return excess.every(({ lineage }) => lineage !== signIn.lineage);
  }

  #byLineage(records: readonly SessionRecord[]): readonly Counted[] {
    const sessions = new Map<string, Counted>();
    for (const record of records) {
      const { id, lineage, created } = record;
      const { order, replaces } = this.#glance(record);
      const known = sessions.get(lineage);
      sessions.set(lineage, {
        id,
        lineage,
        uid: record.uid ?? undefined,
        created,
        order: Math.max(order, known?.order ?? 0),
        replaces: replaces ?? known?.replaces,
      });
    }
    return [...sessions.values()];
  }
}

/** The sign-ins that have won; those from one id, of which only one has, as one. */
async function settledOf(
  store: GuardedStore,
  sessions: readonly Counted[],
  signIn: SignIn,
  now: number,
): Promise<Counted[][]> {
  const isLost = ({ lineage, replaces }: Counted): boolean =>
    lineage !== signIn.lineage && replaces !== undefined && replaces === signIn.replaces;
  const origins = new Set(sessions.map(({ lineage, replaces }) => (lineage === signIn.lineage ? undefined : replaces)));
  const pending = await livingOf(store, origins, now);
  const settled = new Map<string, Counted[]>();
  for (const session of sessions) {
    const { lineage, replaces } = session;
    if (isLost(session) || (lineage !== signIn.lineage && pending.has(replaces))) continue;
    const key = replaces ?? lineage;
    settled.set(key, [...(settled.get(key) ?? []), session]);
  }
  return [...settled.values()];
}

async function livingOf(
  store: GuardedStore,
  ids: ReadonlySet<string | undefined>,
  now: number,
): Promise<ReadonlySet<string | undefined>> {
  const living = new Set<string | undefined>();
  const look = async (id: string | undefined): Promise<void> => {
    if (id === undefined) return;
    const found = await loadEntry(store, id, now);
    if (found !== undefined && !isRetired(found)) living.add(id);
  };
  await Promise.all(Array.from(ids, look));
  return living;
}

function newestFirst([a]: readonly Counted[], [b]: readonly Counted[]): number {
  if (a === undefined || b === undefined) return 0;
  return b.created - a.created || b.order - a.order || (a.lineage < b.lineage ? -1 : 1);
}

let lastOrder = 0;

/** A number greater than all before: µs by the machine's clock, and never the same twice in one process. */
export function nextOrder(): number {
  lastOrder = Math.max(lastOrder + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return lastOrder;
}
