const AT_ONCE = 100;

/** Runs `work` on each item, a limited number at a time, and returns the results. */
export async function inParallel<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let batch: Promise<Result>[] = [];
  for (const item of items) {
    batch.push(work(item));
    if (batch.length < AT_ONCE) continue;
    results.push(...(await Promise.all(batch)));
    batch = [];
  }
  results.push(...(await Promise.all(batch)));
  return results;
}
