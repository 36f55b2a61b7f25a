import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blocksOf, nameOf, programOf } from '../docs/blocks.js';
import { documentAt } from '../docs/documents.js';
import { newFolder } from './generated.js';
import { given } from './page-given.js';

/** What programs import of this package, and where tests have it. */
const SOURCES = [
  ["'sessions-jwt'", "'../../../src/index.js'"],
  ["'sessions-jwt/express'", "'../../../src/adapters/express.js'"],
  ["'sessions-jwt/fastify'", "'../../../src/adapters/fastify.js'"],
  ["'sessions-jwt/koa'", "'../../../src/adapters/koa.js'"],
] as const;

interface Place {
  readonly page: string;
  /** A text that only this program of the page has. */
  readonly mark: string;
  /** Values in place of those that the program declares by these names. */
  readonly gives?: Readonly<Record<string, unknown>>;
}

/** Runs a program of a page, on the sources of this package, and returns what it declares by these names. */
export async function runPage<Program>(
  { page, mark, gives = {} }: Place,
  ...names: readonly (keyof Program & string)[]
): Promise<Program> {
  const blocks = blocksOf(page, documentAt(page).text, 'ts');
  const block = blocks.find(({ code }) => code.includes(mark));
  if (block === undefined) throw new Error(`no program of ${page} has ${mark}`);
  const folder = await newFolder('page');
  try {
    for (const other of blocks) {
      const name = nameOf(other);
      if (name !== undefined) await writeFile(join(folder, name), onSources(other.code));
    }
    const exported = `export { ${names.join(', ')} };\n`;
    await writeFile(join(folder, 'program.ts'), onSources(programOf(giving(block.code, gives)) + exported));
    return await import(pathToFileURL(join(folder, 'program.ts')).href);
  } finally {
    await rm(folder, { recursive: true });
    given.clear();
  }
}

/** The code of a page, with imports from the sources of this package. It is to be in a folder of {@link newFolder}. */
export function onSources(code: string): string {
  return SOURCES.reduce((text, [specifier, path]) => text.replaceAll(`from ${specifier}`, `from ${path}`), code);
}

/** The same program with values in place of those that it declares by these names. */
export function giving(code: string, gives: Readonly<Record<string, unknown>>): string {
  let text = `import { given } from '../../../test/support/page-given.js';\n${code}`;
  for (const [name, value] of Object.entries(gives)) {
    const declaration = new RegExp(`^const ${name} = [^]*?;$`, 'm');
    if (!declaration.test(text)) throw new Error(`the program declares no ${name}`);
    text = text.replace(declaration, `const ${name} = given.get('${name}');`);
    given.set(name, value);
  }
  return text;
}
