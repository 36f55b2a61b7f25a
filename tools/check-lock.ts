/**
 * `npm run check:lock`: package-lock.json names no host, pins what it names, and holds no release with a known flaw in
 * the verification of tokens; the dependencies at run time are the reviewed ones.
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

/** What the package may depend on at run time; docs/decisions/0013-runtime-dependencies.md says why. */
const REVIEWED: readonly string[] = ['cookie', 'jsonwebtoken', 'semver', 'zod'];

/** What is wrong with a lock file (parsed). */
export function checkLock(lock: Readonly<Record<string, unknown>>): string[] {
  const packages = Object.entries(asRecord(lock['packages'])).map(([path, entry]) => ({
    path,
    entry: asRecord(entry),
  }));
  const problems: string[] = [];

  for (const { path, entry } of packages) {
    const { resolved, integrity, version, link } = entry;
    if (path === '' || link === true || entry['inBundle'] === true) continue;
    if (typeof resolved === 'string') problems.push(`${path} is resolved to a place of its own`);
    if (typeof integrity !== 'string') problems.push(`${path} has no integrity hash`);
    const safe = SAFE[path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)];
    if (safe && !satisfies(String(version), safe)) problems.push(`${path} is ${String(version)}, it must be ${safe}`);
  }
  for (const name of Object.keys(SAFE)) {
    if (!packages.some(({ path }) => path.endsWith(`node_modules/${name}`)))
      problems.push(`${name} is not in the lock file`);
  }
  const direct = Object.keys(asRecord(packages.find(({ path }) => path === '')?.entry['dependencies']));
  for (const name of direct) {
    if (!REVIEWED.includes(name))
      problems.push(`${name} is a run-time dependency that tools/check-lock.ts does not list as reviewed`);
  }
  return problems;
}

if (isMain(import.meta.url)) {
  const root = dirname(import.meta.dirname);
  conclude(
    checkLock(readJson(join(root, 'package-lock.json'))),
    'package-lock.json names no host and no release to avoid',
  );
}
