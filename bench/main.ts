/**
 * `npm run bench`: measures the built package next to its peers on Node 24, which it installs if this is another Node. Writes
 * bench/results.md. `--tokens`, `--stores`, `--http`, `--node26`, `--live`, `--revocations`, `--import` and `--memory` measure that part
 * only, and replace its section there. `--only <regular expression>` measures the HTTP servers whose names match, `--rounds <number>` sets the
 * rounds of every part, `--quick` does little of everything: these print and write nothing.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeOf } from '../tools/node-of.js';
import { machineSection } from './machine.js';
import { readOptions } from './options.js';
import { measure } from './parts.js';
import { type SectionName, withSections } from './sections.js';

/** The line of Node that the goals are set for. */
const MAJOR = '24';

const options = readOptions(process.argv.slice(2));
if (process.versions.node.split('.')[0] === MAJOR) await main();
else process.exitCode = onNode(nodeOf(MAJOR));

function onNode(node: string): number {
  const args = ['--import', 'tsx/esm', fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  return spawnSync(node, args, { stdio: 'inherit' }).status ?? 1;
}

async function main(): Promise<void> {
  const isPartial = options.isQuick || options.rounds !== undefined || options.only !== undefined;
  const file = new URL('results.md', import.meta.url);
  const sections = new Map<SectionName, string>();
  for (const part of options.parts) {
    const text = await measure(part, options);
    console.log(`\n## ${part}\n\n${text}`);
    sections.set(part, text);
  }
  sections.set('machine', machineSection());
  if (!isPartial) writeFileSync(file, withSections(readFileSync(file, 'utf8'), sections));
}
