import { oneOf, text } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';
import { ALGORITHMS, type JwtAlgorithm } from '../token/algorithm.js';

/** A signature algorithm of identity tokens: any but 'none'. */
export type IdentityAlgorithm = Exclude<JwtAlgorithm, 'none'>;

const NAME = 'expected a name of 1 to 255 characters';

/** The option `jwtAlgorithm`. */
export const algorithmOption: Rule<IdentityAlgorithm> = oneOf(
  ALGORITHMS.filter((algorithm) => algorithm !== 'none'),
  "expected an algorithm that signs, such as 'ES256'",
);

/** The options `issuer` and `audience`. */
export const partyOption: Rule<string | undefined> = text(NAME)
  .check(({ length }) => length >= 1 && length <= 255, NAME)
  .optional();
