import { availableParallelism, loadavg } from 'node:os';
import { httpSection, node26Section } from './http/section.js';
import { importSection } from './import/section.js';
import { liveSection } from './live/section.js';
import { memorySection } from './memory/section.js';
import type { Options } from './options.js';
import { revocationSection } from './revocations/section.js';
import type { PartName } from './sections.js';
import { storeSection } from './stores/section.js';
import { tokenSection } from './token/section.js';

const MEASURES: Readonly<Record<PartName, (options: Options) => Promise<string>>> = {
  tokens: tokenSection,
  stores: storeSection,
  http: httpSection,
  node26: node26Section,
  live: liveSection,
  revocations: revocationSection,
  import: importSection,
  memory: memorySection,
};

/** Measures one part. Resolves with its section, which begins with when and where it was measured. */
export async function measure(part: PartName, options: Options): Promise<string> {
  const start = performance.now();
  const text = await MEASURES[part](options);
  const seconds = Math.round((performance.now() - start) / 1000);
  const day = new Date().toISOString().slice(0, 10);
  const load = `${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  return `Measured by \`npm run bench -- --${part}\` on ${day}, on Node ${process.version}, in ${seconds} s. Load average at the end: ${load}.\n\n${text}`;
}
