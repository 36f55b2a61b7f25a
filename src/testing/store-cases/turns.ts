/** The result of `work`, and how many turns of the event loop passed meanwhile. */
export async function countingTurns<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  try {
    return [await work(), turns];
  } finally {
    clearImmediate(next);
  }
}
