/** By request: what its activations set on its responses. Registered, because two copies of the package may be in use. */
const CLAIMS: unique symbol = Symbol.for('sessions-jwt.claims');

/** The cookies and headers that the responses of one activation set. */
export interface Claim {
  readonly names: readonly string[];
}

/** @throws TypeError if another activation of the request uses one of the names: of two cookies with one name, the client keeps the last */
export function addClaim(request: object & { [CLAIMS]?: readonly Claim[] }, own: Claim): void {
  const others = request[CLAIMS]?.filter((claim) => claim !== own) ?? [];
  const twice = own.names.find((name) => others.some(({ names }) => names.includes(name)));
  if (twice !== undefined) {
    throw new TypeError(
      `activateSessions: another activateSessions of this request uses the name ${JSON.stringify(twice)}, too: give this one names of its own, with the options cookie, header, csrf.cookie and identity.cookie`,
    );
  }
  // Not spread into a new list: that has room for many more, and streams keep their requests.
  request[CLAIMS] = others.concat(own);
}
