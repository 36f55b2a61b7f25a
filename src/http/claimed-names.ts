/** By request: what its activations set on its responses. Registered, because two copies of the package may be in use. */
const CLAIMS: unique symbol = Symbol.for('sessions-jwt.claims');

/** The cookies and headers that the responses of one activation set. */
export interface Claim {
  readonly names: readonly string[];
}

/**
 * @param own what this activation sets, in a list that requests share: most have one activation only
 * @throws TypeError if another activation of the request uses one of the names: of two cookies with one name, the client keeps the last
 */
export function addClaim(request: object & { [CLAIMS]?: readonly Claim[] }, own: readonly [Claim]): void {
  const claims = request[CLAIMS];
  request[CLAIMS] = claims === undefined ? own : [...others(claims, own[0]), own[0]];
}

function others(claims: readonly Claim[], own: Claim): readonly Claim[] {
  const others = claims.filter((claim) => claim !== own);
  const twice = own.names.find((name) => others.some(({ names }) => names.includes(name)));
  if (twice === undefined) return others;
  throw new TypeError(
    `activateSessions: another activateSessions of this request uses the name ${JSON.stringify(twice)}, too: give this one names of its own, with the options cookie, header, csrf.cookie and identity.cookie`,
  );
}
