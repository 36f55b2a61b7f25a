import type { Violation } from './check-user.js';
import { type Attempt, ContendedModel, contendedIdOf } from './contended-model.js';
import type { Line } from './journal.js';
import { UserModel } from './user-model.js';

/** What the journals count. */
export interface Counts {
  acknowledged: number;
  unknown: number;
  opened: number;
  read: number;
  unavailable: number;
  swept: number;
}

type Intent = Extract<Line, { readonly line: 'intent' }>;
type Answer = Extract<Line, { readonly line: 'acknowledged' }>;

/** Everything that the processes of one torture did, journal by journal. */
export class Replay {
  readonly counts: Counts = { acknowledged: 0, unknown: 0, opened: 0, read: 0, unavailable: 0, swept: 0 };
  readonly contended = new Map<string, ContendedModel>();
  readonly #swept = new Set<string>();

  /** Takes one journal. Returns the users whose sessions only this process wrote, and what was wrong already while it wrote. */
  take(lines: Iterable<Line>): {
    readonly users: readonly UserModel[];
    readonly violations: readonly Violation[];
  } {
    const users = new Map<string, UserModel>();
    const violations: Violation[] = [];
    const pending = new Map<number, Intent>();
    const lost = (intent: Intent): void => {
      this.counts.unknown += 1;
      if (intent.user === null) this.#contend(intent);
      else userOf(users, intent.user).lose(intent.operation);
    };
    for (const line of lines) {
      switch (line.line) {
        case 'intent':
          pending.set(line.n, line);
          break;
        case 'acknowledged':
        case 'unknown': {
          const intent = pending.get(line.n);
          pending.delete(line.n);
          if (intent === undefined) throw new Error('a journal acknowledges what it did not intend');
          if (line.line === 'unknown') lost(intent);
          else violations.push(...this.#acknowledge(users, intent, line));
          break;
        }
        case 'violation':
          violations.push({ about: '', text: line.text });
          break;
        case 'swept':
          violations.push(...this.#sweep(line.ids));
          break;
        default:
          this.counts[line.line] += line.count;
      }
    }
    for (const intent of pending.values()) lost(intent);
    return { users: [...users.values()], violations };
  }

  #acknowledge(users: Map<string, UserModel>, intent: Intent, { result, at, now }: Answer): readonly Violation[] {
    this.counts.acknowledged += 1;
    const { user, operation } = intent;
    if (user === null) {
      this.#contend({ ...intent, answer: { at, result } });
      return [];
    }
    const problems = userOf(users, user).acknowledge(operation, result, now);
    return problems.map((text) => ({
      about: operation.kind === 'deleteOfUser' ? user : contendedIdOf(operation),
      text,
    }));
  }

  #contend(attempt: Attempt): void {
    const id = contendedIdOf(attempt.operation);
    const model = this.contended.get(id) ?? new ContendedModel(id);
    this.contended.set(id, model);
    model.add(attempt);
  }

  #sweep(ids: readonly string[]): readonly Violation[] {
    this.counts.swept += ids.length;
    const again = ids.filter((id) => this.#swept.has(id));
    for (const id of ids) this.#swept.add(id);
    return again.map((about) => ({ about, text: 'two sweeps removed it' }));
  }
}

function userOf(users: Map<string, UserModel>, uid: string): UserModel {
  const found = users.get(uid) ?? new UserModel(uid);
  users.set(uid, found);
  return found;
}
