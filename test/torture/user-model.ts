import { apply, type Entry, hasExpired, isRecord } from './apply.js';
import { type EndOfSessions, idOf, type Operation, type Result } from './operation.js';

/** What there may be under an id. */
interface State {
  /** Each of these is allowed; one, unless the outcome of a write is unknown. */
  possible: readonly Entry[];
  /** Whether a `delete` was given up that may still come, and would remove a tombstone too. */
  isDeleting: boolean;
}

/** The sessions of one user, whom one lane writes, as they must be after what was acknowledged. */
export class UserModel {
  readonly uid: string;
  readonly #states = new Map<string, State>();

  constructor(uid: string) {
    this.uid = uid;
  }

  /** What each id may lead to. */
  get entries(): ReadonlyMap<string, { readonly possible: readonly Entry[] }> {
    return this.#states;
  }

  /** Takes an answer that was given at `now`. Returns what is wrong with it. */
  acknowledge(operation: Operation, result: Result, now: number): readonly string[] {
    if (operation.kind === 'deleteOfUser') {
      if (!isIds(result)) return [`deleteOfUser answered ${JSON.stringify(result)}`];
      return this.#end(operation, result, now);
    }
    const id = idOf(operation);
    const state = this.#stateOf(id);
    const outcomes = withSwept(state.possible, now).map((entry) => apply(operation, entry));
    const fitting = outcomes.filter((outcome) => outcome.result === result);
    if (fitting.length > 0) {
      this.#set(
        id,
        state,
        fitting.map(({ entry }) => entry),
      );
      return [];
    }
    const expected = outcomes.map((outcome) => JSON.stringify(outcome.result)).join(' or ');
    return [`${id}: ${operation.kind} answered ${JSON.stringify(result)}, not ${expected}`];
  }

  /** Takes an operation whose outcome is unknown: it may have happened, or happen later. */
  lose(operation: Operation): void {
    if (operation.kind === 'deleteOfUser') {
      const spared = this.#spared(operation);
      for (const [id, state] of this.#states) {
        const ended = state.possible.filter((entry) => isEnded(entry, spared)).map(() => endOf(id, operation));
        this.#set(id, state, [...state.possible, ...ended]);
      }
      return;
    }
    const id = idOf(operation);
    const state = this.#stateOf(id);
    state.isDeleting ||= operation.kind === 'delete';
    this.#set(id, state, [...state.possible, ...state.possible.map((entry) => apply(operation, entry).entry)]);
  }

  #end(operation: EndOfSessions, ids: readonly string[], now: number): readonly string[] {
    const { limit = Number.POSITIVE_INFINITY } = operation;
    const problems: string[] = [];
    const ended = new Set(ids);
    if (ids.length > limit)
      problems.push(`${this.uid}: deleteOfUser ended ${ids.length} sessions, with limit ${limit}`);
    if (ended.size < ids.length) problems.push(`${this.uid}: deleteOfUser returned an id twice`);
    for (const id of ended) {
      if (!this.#states.has(id)) problems.push(`${this.uid}: deleteOfUser returned an id that is not the user's`);
    }
    const spared = this.#spared(operation);
    const isAll = ids.length < limit;
    for (const [id, state] of this.#states) {
      if (ended.has(id)) {
        if (state.possible.some((entry) => isEnded(entry, spared))) this.#set(id, state, [endOf(id, operation)]);
        else problems.push(`${id}: deleteOfUser ended what was not there, or was to stay`);
      } else if (isAll) {
        const left = withSwept(state.possible, now).filter((entry) => !isEnded(entry, spared));
        if (left.length > 0) this.#set(id, state, left);
        else problems.push(`${id}: deleteOfUser left it, and said that none are left`);
      }
    }
    return problems;
  }

  /** The lineages that stay. */
  #spared({ except }: EndOfSessions): ReadonlySet<string> {
    if (except === undefined) return new Set();
    const records = this.#stateOf(except).possible.filter(isRecord);
    return new Set([except, ...records.map(({ lineage }) => lineage)]);
  }

  #stateOf(id: string): State {
    return this.#states.get(id) ?? { possible: [null], isDeleting: false };
  }

  #set(id: string, { isDeleting }: State, entries: readonly Entry[]): void {
    const possible = isDeleting ? [...entries, null] : entries;
    this.#states.set(id, { possible: possible.length === 1 ? possible : distinct(possible), isDeleting });
  }
}

function isEnded(entry: Entry, spared: ReadonlySet<string>): boolean {
  return isRecord(entry) && !spared.has(entry.lineage);
}

function endOf(id: string, { tombstone }: EndOfSessions): Entry {
  return tombstone === undefined ? null : { id, ...tombstone };
}

/** An expired entry may have been removed at any time since. */
function withSwept(possible: readonly Entry[], now: number): readonly Entry[] {
  const isSwept = possible.some((entry) => hasExpired(entry, now)) && !possible.includes(null);
  return isSwept ? [...possible, null] : possible;
}

function distinct(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function isIds(result: Result): result is readonly string[] {
  return Array.isArray(result);
}
