import { readValue } from './configuration-type.js';
import { inspectAs } from './inspection.js';
import type { ConfigurationDefinition } from './manifest.js';
import { quoted } from './quoted.js';

/** What a service's modules get to see of its configuration, and what stands in the way. */
export interface ResolvedConfiguration {
  /** By key; frozen, JSON values all the way down. Inspecting or logging it with `node:util` hides passwords. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Required keys with neither a value nor a default. */
  readonly missing: readonly string[];
  /** One for each key given that the manifest does not define: the key and the known ones, never a value. */
  readonly warnings: readonly string[];
}

/**
 * Settles the values of a service's configuration.
 *
 * A value has the type its definition names: string and password a string, integer a whole number, number a finite
 * one, boolean true or false, json a JSON value or its text (a string always counts as text). Nothing is coerced:
 * whoever reads settings from the environment converts them first. undefined means the default.
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

/** toJSON is left alone on purpose: a copy through JSON would sign with the placeholder. */
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
