import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** How many bytes the client for browsers may have, minified and compressed by gzip. */
export const LARGEST_CLIENT = 6_000;

/** The bytes of a module for browsers with all it imports, minified and compressed by gzip. */
export async function sizeOf(entry: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
}
