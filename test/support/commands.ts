import type fc from 'fast-check';

/** A command as fast-check takes one, always possible; called `name`, or what `run` says that it turned out to do. */
export class Command<World> implements fc.AsyncCommand<object, World> {
  readonly #run: (world: World) => unknown;
  #name: string;

  constructor(run: (world: World) => unknown, name = 'nothing yet') {
    this.#run = run;
    this.#name = name;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, world: World): Promise<void> {
    const did = await this.#run(world);
    if (typeof did === 'string') this.#name = did;
  }

  toString(): string {
    return this.#name;
  }
}

/** Commands, each as often among the others as its weight says. */
export function weighted<World>(
  ...weights: readonly (readonly [weight: number, command: fc.Arbitrary<Command<World>>])[]
): fc.Arbitrary<Command<World>>[] {
  return weights.flatMap(([weight, command]) => Array.from({ length: weight }, () => command));
}
