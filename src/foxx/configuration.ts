import { readValue } from './configuration-type.js';
import { inspectAs } from './inspection.js';
import type { ConfigurationDefinition } from './manifest.js';
import { quoted } from './quoted.js';

/** The configuration of a service, and what is missing or unknown. */
export interface ResolvedConfiguration {
  /** By key. Frozen, JSON values deeply so. `util.inspect` and `console` hide passwords. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Required keys without a value or default. */
  readonly missing: readonly string[];
  /** One for each key that the manifest does not define. Names keys, never a value. */
  readonly warnings: readonly string[];
}

/**
 * Resolves the values of a service's configuration.
 *
 * Each value must have the type of its definition. `json` takes a JSON value or JSON text; a string always counts as text. No
 * value is converted, so convert strings from the environment first. `undefined` means the default.
 *
 * @throws TypeError naming the key and the expected type, never the value
 */
export function resolveConfiguration(
  definitions: Readonly<Record<string, ConfigurationDefinition>>,
  given: Readonly<Record<string, unknown>>,
): ResolvedConfiguration {
  const entries: [string, unknown][] = [];
  const missing: string[] = [];
  for (const [key, { type, required, default: fallback }] of Object.entries(definitions)) {
    const own = Object.hasOwn(given, key) ? given[key] : undefined;
    const value = own === undefined ? fallback : own;
    if (value !== undefined) entries.push([key, readValue(type, value, `configuration.${key}`)]);
    else if (required) missing.push(key);
  }
  const known = Object.keys(definitions);
  const unknown = Object.keys(given).filter((key) => !Object.hasOwn(definitions, key));
  return {
    values: hidePasswords(Object.fromEntries(entries), definitions),
    missing,
    warnings: unknown.map(
      (key) => `unknown configuration key ${quoted([key])}, ignored: the manifest has ${quoted(known)}`,
    ),
  };
}

/** Leaves toJSON alone: a secret copied through JSON would be the placeholder. */
function hidePasswords(
  values: Record<string, unknown>,
  definitions: Readonly<Record<string, ConfigurationDefinition>>,
): Readonly<Record<string, unknown>> {
  const show = ([key, value]: [string, unknown]): [string, unknown] => [
    key,
    definitions[key]?.type === 'password' ? '[hidden]' : value,
  ];
  inspectAs(values, () => Object.fromEntries(Object.entries(values).map(show)));
  return Object.freeze(values);
}
