/** Functions that the checks in this folder share. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether the module at `url` is the program that was started, not a module that it imports. */
export function isMain(url: string): boolean {
  const started = process.argv[1];
  return started !== undefined && existsSync(started) && realpathSync(started) === realpathSync(fileURLToPath(url));
}

/** The paths of all files in `folder`, relative to it, with forward slashes, sorted. Empty if the folder does not exist. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** The content of a JSON file whose top level is an object. */
export function readJson(path: string): Record<string, unknown> {
  return asRecord(JSON.parse(readFileSync(path, 'utf8')));
}

/** A copy of `value` if it is an object, otherwise an empty object. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Ends a check: prints the problems, one a line, and sets exit code 1; without problems, prints `success`. */
export function conclude(problems: readonly string[], success: string): void {
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(success);
  else {
    console.error(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
    process.exitCode = 1;
  }
}
