import { mkdir, mkdtemp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where tests write programs that import this package by its name: within the package, and where no other test looks for files. */
export const GENERATED: string = fileURLToPath(new URL('../../.generated/docs/', import.meta.url));

/** A new folder there, for one test, which removes it. */
export async function newFolder(name: string): Promise<string> {
  await mkdir(GENERATED, { recursive: true });
  return await mkdtemp(`${GENERATED}${name}-`);
}
