/**
 * A step of `npm run build`: writes dist/node, the package in few files for Node. To find, read and link a file takes Node longer
 * than most of these files take to run.
 *
 * Bundlers read the files of tsc, by the condition `module` of `exports` in package.json, because they leave out what a program does
 * not use file by file. What an entry shares with another is in a chunk, so each class exists once in a process.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { asRecord, isMain, readJson } from './common.js';

/** Writes the folder `out`, below the package at `root`, from the entries in `exports` that have a file for bundlers. */
export async function bundleForNode(root: string, out: string): Promise<void> {
  const manifest = readJson(join(root, 'package.json'));
  const entries = Object.values(asRecord(manifest['exports'])).flatMap((targets) => {
    const file = asRecord(targets)['module'];
    return typeof file === 'string' ? [file] : [];
  });
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outbase: 'dist',
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    external: Object.keys(asRecord(manifest['imports'])),
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withNames(text));
  }
}

/**
 * Restores the names of classes. esbuild writes `var A = class _A` for a class that names itself. Its option `keepNames` would set the
 * name of each function each time it is made.
 */
export function withNames(code: string): string {
  return [...code.matchAll(/^(?:var|let) (\w+) = class (_\1)\b/gm)].reduce(
    (text, [, name = '', inner = '']) => text.replaceAll(new RegExp(`(?<![\\w$.#"'])${inner}\\b`, 'g'), name),
    code,
  );
}

if (isMain(import.meta.url)) await bundleForNode(dirname(import.meta.dirname), 'dist/node');
