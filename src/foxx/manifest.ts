import { cloneJson, deepFreeze, isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { spellPath } from '../lib/path.js';
import { warn } from '../lib/warn.js';
import type { Manifest } from './manifest-model.js';
import { KNOWN_KEYS, manifestSchema } from './manifest-schema.js';
import { quoted } from './quoted.js';

export type { ConfigurationDefinition, DependencyDefinition, Manifest } from './manifest-model.js';

/**
 * Checks a manifest, in the format of ArangoDB's Foxx services.
 *
 * @param json the parsed file
 * @param origin the file's name, for messages
 * @throws TypeError naming the file and each key that is wrong. An unknown top-level key only warns
 *   (type `SessionsWarning`, code `SESSIONS_UNKNOWN_MANIFEST_KEY`).
 */
export function parseManifest(json: unknown, origin: string): Manifest {
  if (!isPlainObject(json)) throw new TypeError(`${origin}: a manifest must be a JSON object, got ${kindOf(json)}`);
  const { success, data, error } = manifestSchema.safeParse(cloneJson(json));
  if (!success) {
    const problems = error.issues.map((issue) => `${spellPath(issue.path)}: ${issue.message}`);
    throw new TypeError(`${origin}: ${problems.join('; ')}`);
  }
  const unknown = Object.keys(json).filter((key) => !KNOWN_KEYS.has(key));
  if (unknown.length > 0) {
    warn('SESSIONS_UNKNOWN_MANIFEST_KEY', `${origin}: unknown manifest key(s), ignored: ${quoted(unknown)}`);
  }
  return deepFreeze<Manifest>(data);
}
