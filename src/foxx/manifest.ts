import { cloneJson, deepFreeze, isPlainObject } from '../lib/json.js';
import { warn } from '../lib/warn.js';
import type { Manifest } from './manifest-model.js';
import { KNOWN_KEYS, manifestSchema } from './manifest-schema.js';
import { quoted } from './quoted.js';

export type { ConfigurationDefinition, DependencyDefinition, Manifest } from './manifest-model.js';

/**
 * Checks a manifest, written as ArangoDB's Foxx services write theirs.
 *
 * @param json what `JSON.parse` made of the file
 * @param origin the file's name, for messages
 * @throws TypeError naming the file and each key that is wrong. A top-level key that means nothing here only warns
 *   (type `SessionsWarning`, code `SESSIONS_UNKNOWN_MANIFEST_KEY`).
 */
export function parseManifest(json: unknown, origin: string): Manifest {
  if (!isPlainObject(json)) throw new TypeError(`${origin}: a manifest is a JSON object`);
  const { success, data, error } = manifestSchema.safeParse(cloneJson(json));
  if (!success) {
    const problems = error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
    throw new TypeError(`${origin}: ${problems.join('; ')}`);
  }
  const unknown = Object.keys(json).filter((key) => !KNOWN_KEYS.has(key));
  if (unknown.length > 0) {
    warn('SESSIONS_UNKNOWN_MANIFEST_KEY', `${origin}: nothing here reads the manifest key(s) ${quoted(unknown)}`);
  }
  return deepFreeze<Manifest>(data);
}
