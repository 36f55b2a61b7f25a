import { z } from 'zod';
import type { Secret } from './keyring.js';

/** The option `jwtSecret`. The keyring checks the keys themselves. */
export const secretOption: z.ZodCustom<Secret | readonly Secret[], Secret | readonly Secret[]> = z.custom<
  Secret | readonly Secret[]
>(isSecretLike, 'expected a secret: a string, bytes, a KeyObject, or a list of these');

/** One key or several as a list; `[]` for none. */
export function secretsOf(jwtSecret: Secret | readonly Secret[] | undefined): readonly Secret[] {
  if (jwtSecret === undefined) return [];
  return isList(jwtSecret) ? [...jwtSecret] : [jwtSecret];
}

function isSecretLike(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function isList(value: Secret | readonly Secret[]): value is readonly Secret[] {
  return Array.isArray(value);
}
