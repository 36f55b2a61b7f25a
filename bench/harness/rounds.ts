import { type Spread, spreadOf } from './statistics.js';

/** What was measured of several contenders, round by round. */
export class Rounds {
  readonly #samples: ReadonlyMap<string, readonly number[]>;

  /** For each contender one sample a round, in the order of the rounds. */
  constructor(samples: ReadonlyMap<string, readonly number[]>) {
    this.#samples = samples;
  }

  get names(): readonly string[] {
    return [...this.#samples.keys()];
  }

  get count(): number {
    return Math.min(...[...this.#samples.values()].map((samples) => samples.length));
  }

  of(name: string): Spread {
    return spreadOf(this.#samplesOf(name));
  }

  /** `combine(a, b)` of the two samples of each round, such as their ratio. */
  paired(a: string, b: string, combine: (a: number, b: number) => number): Spread {
    return spreadOf(this.#pairs(a, b, combine));
  }

  /** (a - base) / (b - baseOfB), each of the same round. */
  aboveBase(a: string, b: string, base: string, baseOfB: string = base): Spread {
    const above = (name: string, floor: string) => this.#pairs(name, floor, (sample, under) => sample - under);
    const denominators = above(b, baseOfB);
    return spreadOf(above(a, base).map((difference, round) => difference / (denominators[round] ?? Number.NaN)));
  }

  #pairs(a: string, b: string, combine: (a: number, b: number) => number): number[] {
    const others = this.#samplesOf(b);
    return this.#samplesOf(a).map((sample, round) => combine(sample, others[round] ?? Number.NaN));
  }

  #samplesOf(name: string): readonly number[] {
    const samples = this.#samples.get(name);
    if (samples === undefined) throw new Error(`${name} was not measured`);
    return samples;
  }
}

/** For `Rounds.paired`. */
export function ratio(a: number, b: number): number {
  return a / b;
}

/** For `Rounds.paired`. */
export function difference(a: number, b: number): number {
  return a - b;
}
