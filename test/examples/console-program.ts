import { fileURLToPath } from 'node:url';
import { compiled } from '../support/compiled.js';
import { CSRF_SECRET } from './console-bench.js';
import { ExampleProgram } from './example-program.js';

const MAIN = fileURLToPath(new URL('../../examples/console/main.ts', import.meta.url));

// Node 22 warns that its SQLite is experimental.
const OPTIONS = ['--disable-warning=ExperimentalWarning'];

/** The program of `npm start`, as that runs it, or compiled before. */
export class ConsoleProgram extends ExampleProgram {
  constructor(env: Readonly<Record<string, string>>, isCompiled = true) {
    const program = isCompiled ? [compiled(MAIN)] : ['--import', 'tsx/esm', MAIN];
    super([...OPTIONS, ...program], { CSRF_SECRET, ...env });
  }
}
