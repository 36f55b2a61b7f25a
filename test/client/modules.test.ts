import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LARGEST_CLIENT, sizeOf } from '../../tools/client-size.js';
import { filesUnder } from '../../tools/common.js';
import { importsOf } from '../../tools/imports.js';

const CLIENT = fileURLToPath(new URL('../../src/client/', import.meta.url));
const sources = filesUnder(CLIENT).map((path) => [path, readFileSync(CLIENT + path, 'utf8')] as const);

describe('The modules of the client', () => {
  it('are small', async () => {
    expect(await sizeOf(`${CLIENT}index.ts`))
      .to.be.greaterThan(1_000)
      .and.lessThan(LARGEST_CLIENT);
  });

  it('load in a browser as they are: they import only one another, by file name', () => {
    for (const [path, text] of sources) {
      for (const { specifier, typeOnly } of importsOf(text)) {
        if (!typeOnly) expect(specifier, path).to.match(/^\.\/[\w-]+\.js$/);
      }
    }
  });

  it('have one place where text becomes markup', () => {
    const places = sources.flatMap(([path, text]) =>
      [
        ...text.matchAll(/innerHTML|outerHTML|insertAdjacentHTML|DOMParser|createContextualFragment|document\.write/g),
      ].map(([name]) => `${path} ${name}`),
    );
    expect(places).to.deep.equal(['markup.ts innerHTML']);
  });
});
