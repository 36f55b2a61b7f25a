/** Runs the programs named as arguments one after the other, and prints for each whether it failed and how. */
import { mkdtempSync, rmSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (process.getBuiltinModule('node:sqlite') === undefined) register('./sqlite-of-libsql.mjs', import.meta.url);

// What they create goes where nobody looks for it.
const start = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
process.chdir(folder);
process.once('exit', () => {
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

const results: Record<string, string> = {};
for (const file of process.argv.slice(2)) {
  try {
    await import(file);
    results[file] = 'ok';
  } catch (error) {
    results[file] = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit());
