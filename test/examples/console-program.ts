import { fileURLToPath } from 'node:url';
import { CSRF_SECRET } from './console-bench.js';
import { ExampleProgram } from './example-program.js';

const MAIN = fileURLToPath(new URL('../../examples/console/main.ts', import.meta.url));

/** What `npm start` runs. */
export class ConsoleProgram extends ExampleProgram {
  constructor(env: Readonly<Record<string, string>>) {
    // Node 22 warns that its SQLite is experimental.
    super(['--disable-warning=ExperimentalWarning', '--import', 'tsx/esm', MAIN], { CSRF_SECRET, ...env });
  }
}
