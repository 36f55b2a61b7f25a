/** The same items in random order (Fisher-Yates), so that no contender always runs behind the same neighbour's garbage. */
export function shuffle<Item>(items: readonly Item[]): Item[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(Math.floor(Math.random() * rest.length), 1));
}
