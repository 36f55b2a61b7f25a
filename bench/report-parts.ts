import type { Outcome } from './goals.js';
import type { Spread } from './harness/statistics.js';
import { table } from './text-table.js';

/** The goals, and why those that are missed are, where that is known. */
export function goalRows(outcomes: readonly Outcome[]): string {
  const verdict = ({ isMet, gap, measured }: Outcome): string => {
    if (!isMet) return `missed by ${(gap * 100).toFixed(1)} %`;
    return measured < 0 ? 'met: less than the bare server, so smaller than the error' : 'met';
  };
  const goals = table(
    ['', 'goal', 'measured', ''],
    outcomes.map((outcome) => [outcome.what, outcome.goal, outcome.measured.toPrecision(3), verdict(outcome)]),
  );
  return [goals, ...reasonsOf(outcomes.filter(({ isMet }) => !isMet))].join('\n\n');
}

/** Each obstacle once, after the goals that it stands in the way of. */
function reasonsOf(missed: readonly Outcome[]): string[] {
  const goals = new Map<string, string[]>();
  for (const { what, obstacle } of missed) {
    if (obstacle !== undefined) goals.set(obstacle, [...(goals.get(obstacle) ?? []), `- ${what}`]);
  }
  return Array.from(goals, ([obstacle, list]) => `Missed:\n\n${list.join('\n')}\n\n${obstacle}`);
}

/** A median, with the middle half in parentheses. */
export function spread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
