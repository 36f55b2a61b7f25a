import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Manifest, parseManifest } from './manifest.js';

/** Reads a manifest by path, URL or the text of a `file:` URL; also returns its folder. */
export async function readManifest(location: string | URL): Promise<{ manifest: Manifest; basePath: string }> {
  const isUrl = typeof location !== 'string' || location.startsWith('file:');
  const file = isUrl ? fileURLToPath(location) : resolve(location);
  return { manifest: parseManifest(parse(await readFile(file, 'utf8'), file), file), basePath: dirname(file) };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TypeError(`${file}: the manifest is not JSON`, { cause });
  }
}
