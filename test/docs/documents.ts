import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One Markdown file of this repository. */
export interface Document {
  /** Its path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The root of the repository, with a `/` at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The reference that a program writes, not a person. */
const GENERATED = /^docs\/api\//;

/** The pages under `docs/`, without the generated ones. */
export function pages(): Document[] {
  return readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !GENERATED.test(path))
    .sort()
    .map(documentAt);
}

/** The document at a path from the root. */
export function documentAt(path: string): Document {
  return { path, text: readFileSync(ROOT + path, 'utf8') };
}
