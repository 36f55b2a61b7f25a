import { Rounds } from './rounds.js';
import { shuffle } from './shuffle.js';

/** Something to measure: works through all inputs, and gives each result to a sink so that none is optimised away. */
export interface Contender<Input> {
  readonly name: string;
  run(inputs: readonly Input[]): void | Promise<void>;
}

/** How a table is measured. */
export interface Plan<Input> {
  readonly contenders: readonly Contender<Input>[];
  /** Called before each round, outside the clock: what the round works through, made anew for each contender. */
  prepare(): () => readonly Input[];
  /** Rounds that count for nothing: compilation, caches. */
  readonly warmup: number;
  readonly rounds: number;
}

/**
 * Measures contenders in rounds: in each, every contender in random order does the same work once. A ratio is taken between
 * two times of the same round, and the median over the rounds is reported.
 *
 * mitata (of which the sink comes) measures one contender to the end before the next. On a machine that does other
 * things, or changes its clock, that compares one minute with another: the bare `jwt.verify` of a single day moved between
 * 9.7 and 16 us here, while its ratio to itself by rounds stays within 0.03.
 */
export async function pairedRounds<Input>({ contenders, prepare, warmup, rounds }: Plan<Input>): Promise<Rounds> {
  const samples = new Map(contenders.map(({ name }): [string, number[]] => [name, []]));
  for (let round = -warmup; round < rounds; round += 1) {
    const inputs = prepare();
    for (const contender of shuffle(contenders)) {
      const nanoseconds = await time(contender, inputs());
      if (round >= 0) samples.get(contender.name)?.push(nanoseconds);
    }
  }
  return new Rounds(samples);
}

/** ns an input. */
async function time<Input>(contender: Contender<Input>, inputs: readonly Input[]): Promise<number> {
  const start = process.hrtime.bigint();
  const pending = contender.run(inputs);
  if (pending !== undefined) await pending;
  return Number(process.hrtime.bigint() - start) / inputs.length;
}
