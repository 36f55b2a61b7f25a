/** Something that a test opens. */
interface Closable {
  close(): Promise<void>;
}

const open: Closable[] = [];

/**
 * Has the tests of this `describe` close what they passed to {@link closedAfter}. A storage that stays open goes on sweeping, and would set a timer in the
 * faked time of a later test.
 */
export function closesAfterEach(): void {
  afterEach('closes what the test opened', async () => {
    for (const one of open.splice(0)) await one.close();
  });
}

export function closedAfter<Kind extends Closable>(one: Kind): Kind {
  open.push(one);
  return one;
}
