import { Rounds } from '../harness/rounds.js';
import { KINDS, type Kind } from './messages.js';
import type { Sample } from './served.js';

/** What was measured of each server, for one kind of request. See `Sample`. */
export interface KindRounds {
  readonly rate: Rounds;
  readonly user: Rounds;
  readonly cpu: Rounds;
}

/** Collects the samples of servers, round by round. */
export class Samples {
  readonly #byKind: ReadonlyMap<Kind, ReadonlyMap<string, Sample[]>>;

  constructor(names: readonly string[]) {
    this.#byKind = new Map(KINDS.map((kind) => [kind, new Map(names.map((name) => [name, []]))]));
  }

  add(name: string, kind: Kind, sample: Sample): void {
    this.#byKind.get(kind)?.get(name)?.push(sample);
  }

  rounds(kind: Kind): KindRounds {
    const figures = (figure: 'rate' | 'user' | 'cpu'): Rounds => {
      const samples = this.#byKind.get(kind) ?? new Map<string, Sample[]>();
      return new Rounds(new Map(Array.from(samples, ([name, list]) => [name, list.map((sample) => sample[figure])])));
    };
    return { rate: figures('rate'), user: figures('user'), cpu: figures('cpu') };
  }
}
