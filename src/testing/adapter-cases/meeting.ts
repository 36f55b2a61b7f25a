/** Returns a function that everyone waits in until `count` have called it. */
export function meetingOf(count: number): () => Promise<void> {
  let meet: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) meet();
    return met;
  };
}
