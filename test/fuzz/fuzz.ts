import { inspect } from 'node:util';
import fc from 'fast-check';
import { closeServers, nextTurn } from '../support/deferred-head.js';
import { Crashes } from './crashes.js';
import { openTargets, type Target } from './target.js';
import { type Example, shown } from './text.js';

/** How much to send, and what. */
export interface Effort {
  readonly count: number;
  readonly seed: number;
  /** Where in the examples of the seed one is, as it was reported. */
  readonly path?: string | undefined;
  /** Whether to look after the good client after each example, rather than at the end. */
  readonly isCareful?: boolean;
}

/** What came of a kind. */
export interface Outcome {
  readonly examples: number;
  /** How many answers there were, by status; 0 for none. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many requests were let in, as they had a good credential. */
  readonly letIn: number;
  /** What happened that must not, with the smallest example of it, printable. */
  readonly violation: string | undefined;
}

/**
 * Sends each example to one adapter, with tokens and with a store, until one gets an answer that must not be. The good clients
 * are looked after at the end. If one was harmed, all is repeated with a look after each example, to find the one that did it.
 */
export async function fuzz(
  examples: fc.Arbitrary<Example>,
  effort: Effort,
  open: () => Promise<readonly (readonly Target[])[]> = openTargets,
): Promise<Outcome> {
  const targets = await open();
  try {
    const outcome = await fuzzTargets(examples, targets, effort);
    const [harm] = await harmsTo(targets.flat());
    if (outcome.violation !== undefined || harm === undefined) return outcome;
    if (effort.isCareful === true) return { ...outcome, violation: harm };
  } finally {
    for (const target of targets.flat()) target.close();
    closeServers();
  }
  return await fuzz(examples, { ...effort, isCareful: true }, open);
}

async function fuzzTargets(
  examples: fc.Arbitrary<Example>,
  targets: readonly (readonly Target[])[],
  { count, seed, path, isCareful = false }: Effort,
): Promise<Outcome> {
  const statuses = new Map<number, number>();
  const crashes = new Crashes();
  let letIn = 0;

  /** What an example did that must not be. */
  const problemsOf = async (example: Example, asked: readonly Target[]): Promise<string[]> => {
    const results = await Promise.all(asked.map((target) => target.ask(example)));
    await nextTurn();
    for (const { status, isLetIn } of results) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (isLetIn) letIn += 1;
    }
    const problems = results.flatMap(({ problem }) => problem ?? []);
    const harms = isCareful ? await harmsTo(asked) : [];
    return [...problems, ...harms, ...crashes.take().map((error) => inspect(error))];
  };

  crashes.watch();
  try {
    const property = fc.asyncProperty(fc.nat(targets.length - 1), examples, async (app, example) => {
      const problems = await problemsOf(example, targets[app] ?? []);
      if (problems.length > 0) throw new Error(problems.join('\n'));
    });
    const details = await fc.check(property, { numRuns: count, seed, ...(path !== undefined && { path }) });
    return { examples: details.numRuns, statuses, letIn, violation: violationOf(details) };
  } finally {
    crashes.stop();
  }
}

function violationOf(details: fc.RunDetails<[number, Example]>): string | undefined {
  if (!details.failed) return undefined;
  const { counterexample, counterexamplePath, errorInstance, seed } = details;
  const reason = errorInstance instanceof Error ? errorInstance.message : inspect(errorInstance);
  const example = counterexample === null ? '' : shown(counterexample[1]);
  return `${reason}\n${example}\n    (--seed ${seed} --path ${counterexamplePath})`;
}

/** What the good clients miss. */
async function harmsTo(targets: readonly Target[]): Promise<string[]> {
  return (await Promise.all(targets.map((target) => target.harm()))).flatMap((harm) => harm ?? []);
}
