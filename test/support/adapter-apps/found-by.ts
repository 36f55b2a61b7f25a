import type { AdapterSession } from '../../../src/testing/index.js';

interface Installed<Request> {
  readonly property: string;
  /** `of` of `activateSessions`. */
  of(request: Request): AdapterSession | undefined;
}

/** Gives the session that was found in a property, once it has checked that `of` finds the same. */
export function foundBy<Request>(
  installed: readonly Installed<Request>[],
): (request: Request, property: string, found: unknown) => AdapterSession | undefined {
  return (request, property, found) => {
    if (found === undefined || found === null) return undefined;
    const session = installed.find((one) => one.property === property)?.of(request);
    if (session !== found) throw new Error(`the session in ${property} is another one`);
    return session;
  };
}
