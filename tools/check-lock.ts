/**
 * `npm run check:lock`: the lock files name no host and pin what they name. That of the package has no release with a
 * known flaw in the verification of tokens, and the runtime dependencies are the reviewed ones.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import { satisfies } from 'semver';
import { asRecord, conclude, isMain, readJson } from './common.js';

/** Releases without the flaws of CVE-2025-65945 (jws) and CVE-2022-23529 to 23541 (jsonwebtoken), on its newest line. */
const SAFE: Readonly<Record<string, string>> = {
  jws: '>=3.2.3 <4.0.0 || >=4.0.1',
  jsonwebtoken: '>=9.0.3',
};

/** The allowed runtime dependencies; docs/decisions/0013-runtime-dependencies.md has the reasons. */
const REVIEWED: readonly string[] = ['jsonwebtoken', 'semver', 'zod'];

/** One entry of a lock file. */
interface Locked {
  readonly path: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** The entries of a lock file (parsed) that name another host, or are not pinned by a hash. */
export function checkPins(lock: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const { path, entry } of lockedIn(lock)) {
    if (typeof entry['resolved'] === 'string') problems.push(`${path} is resolved to a place of its own`);
    if (typeof entry['integrity'] !== 'string') problems.push(`${path} has no integrity hash`);
  }
  return problems;
}

/** What is wrong with the lock file of the package (parsed). */
export function checkLock(lock: Readonly<Record<string, unknown>>): string[] {
  const packages = lockedIn(lock);
  const problems = checkPins(lock);

  for (const { path, entry } of packages) {
    const safe = SAFE[path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)];
    const version = String(entry['version']);
    if (safe && !satisfies(version, safe)) problems.push(`${path} is ${version}, it must be ${safe}`);
  }
  for (const name of Object.keys(SAFE)) {
    if (!packages.some(({ path }) => path.endsWith(`node_modules/${name}`)))
      problems.push(`${name} is not in the lock file`);
  }
  const direct = Object.keys(asRecord(asRecord(asRecord(lock['packages'])[''])['dependencies']));
  for (const name of direct) {
    if (!REVIEWED.includes(name))
      problems.push(`${name} is a runtime dependency that tools/check-lock.ts does not list as reviewed`);
  }
  return problems;
}

/** The packages that are installed from a registry: not the package itself, links and what others bundle. */
function lockedIn(lock: Readonly<Record<string, unknown>>): Locked[] {
  return Object.entries(asRecord(lock['packages']))
    .map(([path, entry]) => ({ path, entry: asRecord(entry) }))
    .filter(({ path, entry }) => path !== '' && entry['link'] !== true && entry['inBundle'] !== true);
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  const reference = checkPins(readJson(join(root, 'tools/reference/package-lock.json')));
  conclude(
    [
      ...checkLock(readJson(join(root, 'package-lock.json'))),
      ...reference.map((problem) => `tools/reference: ${problem}`),
    ],
    'the lock files name no host and no release to avoid',
  );
}
