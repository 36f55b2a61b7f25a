import type { Retired, SessionRecord } from '../../src/ports/store.js';
import { isRecord, isTombstone } from './apply.js';
import { idOf, type Operation, type Result } from './operation.js';

/** An operation on a session that all writers share; times are µs of one clock for all processes. */
export interface Attempt {
  readonly since: number;
  readonly operation: Operation;
  /** `undefined` when the outcome is unknown. */
  readonly answer?: { readonly at: number; readonly result: Result };
}

/** One session that many wrote at once, by what they were answered. The order of what overlapped is not known. */
export class ContendedModel {
  readonly id: string;
  #creations = 0;
  #mayBeCreated = false;
  #updates = 0;
  #unknown = 0;
  /** When an end was first acknowledged, and first attempted. */
  #ended = Number.POSITIVE_INFINITY;
  #ending = Number.POSITIVE_INFINITY;
  #ends = 0;
  #lastBegun = 0;
  #firstMissed = Number.POSITIVE_INFINITY;

  constructor(id: string) {
    this.id = id;
  }

  add({ since, operation, answer }: Attempt): void {
    const { kind } = operation;
    if (kind === 'retire') this.#ending = Math.min(this.#ending, since);
    if (answer === undefined) {
      if (kind === 'create') this.#mayBeCreated = true;
      if (kind === 'update') this.#unknown += 1;
      return;
    }
    const { at, result } = answer;
    if (kind === 'create' && result === 'ok') {
      this.#creations += 1;
    } else if (kind === 'retire' && result === 'ok') {
      this.#ends += 1;
      this.#ended = Math.min(this.#ended, at);
    } else if (result === 'gone' || result === false) {
      this.#firstMissed = Math.min(this.#firstMissed, at);
    } else if ((kind === 'update' && result === 'ok') || (kind === 'touch' && result === true)) {
      if (kind === 'update') this.#updates += 1;
      this.#lastBegun = Math.max(this.#lastBegun, since);
    }
  }

  /** What is wrong with it, given what was loaded in the end. */
  problems(loaded: SessionRecord | Retired | undefined): readonly string[] {
    const problems: string[] = [];
    const say = (problem: string): void => {
      problems.push(`${this.id}: ${problem}`);
    };
    if (this.#creations > 1) say(`created ${this.#creations} times`);
    if (this.#ends > 1) say(`ended ${this.#ends} times`);
    if (this.#lastBegun > this.#ended) say('a write succeeded after the end was acknowledged');
    if (this.#firstMissed < this.#ending) say('a write found it gone before anyone ended it');
    if (isRecord(loaded)) {
      const { version, body } = loaded;
      if (this.#ends > 0) say('it ended, and is back');
      if (version < this.#updates) say(`${this.#updates} updates acknowledged, version ${version} stored`);
      const most = this.#updates + this.#unknown;
      if (version > most) say(`version ${version} stored, of ${most} updates attempted`);
      if (body !== String(version)) say(`half an update: version ${version}, body ${body}`);
    } else if (isTombstone(loaded)) {
      if (this.#ending === Number.POSITIVE_INFINITY) say('a tombstone, and nobody ended it');
    } else if (this.#creations > 0) {
      say('what was acknowledged is lost');
    }
    if (loaded !== undefined && this.#creations === 0 && !this.#mayBeCreated) say('nobody created it');
    return problems;
  }
}

/** The shared session that an operation is about. */
export function contendedIdOf(operation: Operation): string {
  return operation.kind === 'deleteOfUser' ? operation.uid : idOf(operation);
}
