/**
 * The tests of a file are over. A module that kept `describe` and `it` since then, and defines tests of a later file with them, would define
 * them here, where nothing runs them any more. So that throws, and the later file fails.
 */
export function refuseLateDefinitions({ test }: Mocha.Context): void {
  const root = test?.parent;
  const refuse = (): never => {
    throw new Error(
      'tests of this file are defined with describe or it of an earlier one: use the globals of mocha when it is loaded',
    );
  };
  if (root !== undefined) Object.assign(root, { addSuite: refuse, addTest: refuse });
}
