import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { temporaryFolder } from './servers/program.js';

const TESTS = dirname(import.meta.dirname);

/** For packages in CommonJS, which require modules of Node. */
const REQUIRE = "import { createRequire as toRequire } from 'node:module'; const require = toRequire(import.meta.url);";

/** What was compiled, by file. */
const programs = new Map<string, string>();

/**
 * The path of a program in TypeScript compiled into one file, for tests that start it again and again: with tsx, each process takes almost a
 * second to begin.
 */
export function compiled(file: string): string {
  const known = programs.get(file);
  if (known !== undefined) return known;
  // Below this project, where packages are found that a program imports by a computed name.
  const outfile = join(temporaryFolder(join(TESTS, '.compiled-')), `${basename(file, '.ts')}.mjs`);
  buildSync({
    entryPoints: [file],
    outfile,
    bundle: true,
    // A package in many files takes longer to load than one in a bundle. These are optional.
    external: ['pg-native', 'bun:jsc'],
    banner: { js: REQUIRE },
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    // What it looks for beside itself.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
  });
  programs.set(file, outfile);
  return outfile;
}
