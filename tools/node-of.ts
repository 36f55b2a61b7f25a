import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.js';

/** Where the Nodes of this project are kept. */
export const NODES: string = join(dirname(import.meta.dirname), 'node_modules/.cache');

/** The path of the newest Node in `range`. It is the npm package `node`, which is installed in `cache` if it is missing. */
export function nodeOf(range: string, cache: string = NODES): string {
  const folder = join(cache, `node-${range}`);
  const program = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n');
    const options = ['--no-audit', '--no-fund'];
    const outcome = run('npm', ['install', ...options, `node@${range}`], { cwd: folder });
    if (!existsSync(program))
      throw new Error(`node@${range} could not be installed\n${outcome.stdout}${outcome.stderr}`);
  }
  return program;
}
