import { z } from 'zod';
import { ALGORITHMS, type JwtAlgorithm } from '../token/algorithm.js';

/** A signature algorithm of identity tokens: any but 'none'. */
export type IdentityAlgorithm = Exclude<JwtAlgorithm, 'none'>;

const NAME = 'expected a name of 1 to 255 characters';

/** The option `jwtAlgorithm`. */
export const algorithmOption: z.ZodType<IdentityAlgorithm> = z
  .enum(ALGORITHMS)
  .exclude(['none'], "expected an algorithm that signs, such as 'ES256'");

/** The options `issuer` and `audience`. */
export const partyOption: z.ZodType<string | undefined> = z.string(NAME).min(1, NAME).max(255, NAME).optional();
