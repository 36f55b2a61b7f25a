import { text } from '../lib/rules/kinds.js';
import type { Rule } from '../lib/rules/rule.js';

/** The option `property`. */
export const propertyOption: Rule<string> = text()
  .check((name) => name !== '', 'expected a name')
  .default('session');
