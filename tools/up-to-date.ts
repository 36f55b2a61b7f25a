import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Whether `built`, a file, is newer than each of `sources`: files, and folders with all that they contain. */
export function isUpToDate(built: string, sources: readonly string[]): boolean {
  const since = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
  return sources.every((source) => isOlder(source, since));
}

function isOlder(path: string, since: number): boolean {
  const stats = statSync(path);
  // A file that was removed or renamed shows in the time of its folder only.
  if (stats.mtimeMs >= since) return false;
  return !stats.isDirectory() || readdirSync(path).every((name) => isOlder(join(path, name), since));
}
