import { kind } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';
import type { Secret } from './keyring.js';

/** The option `jwtSecret`. The keyring checks the keys themselves. */
export const secretOption: Rule<Secret | readonly Secret[]> = kind(
  isSecretLike,
  'expected a secret: a string, bytes, a KeyObject, or a list of these',
);

/** One key or several as a list; `[]` for none. */
export function secretsOf(jwtSecret: Secret | readonly Secret[] | undefined): readonly Secret[] {
  if (jwtSecret === undefined) return [];
  return isList(jwtSecret) ? [...jwtSecret] : [jwtSecret];
}

function isSecretLike(value: unknown): value is Secret | readonly Secret[] {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function isList(value: Secret | readonly Secret[]): value is readonly Secret[] {
  return Array.isArray(value);
}
