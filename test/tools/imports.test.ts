import { expect } from 'chai';
import { blank, importsOf } from '../../tools/imports.js';

const specifiers = (source: string): string[] => importsOf(source).map(({ specifier }) => specifier);

describe('tools/imports', () => {
  it('finds every form in which a module is named', () => {
    const source = [
      `import './effect.js';`,
      `import a from './default.js';`,
      `import * as b from "./namespace.js";`,
      `import c, { d as e, type F } from './both.js';`,
      `import data from './data.json' with { type: 'json' };`,
      `export * from './all.js';`,
      `export * as g from './grouped.js';`,
      `export { h } from './named.js';`,
      `const i = await import('./dynamic.js');`,
      `const j = require('./required.cjs');`,
      `type K = import('./type.js').K;`,
      `import{l}from'./dense.js';`,
    ].join('\n');
    expect(specifiers(source)).to.deep.equal([
      './effect.js',
      './default.js',
      './namespace.js',
      './both.js',
      './data.json',
      './all.js',
      './grouped.js',
      './named.js',
      './dynamic.js',
      './required.cjs',
      './type.js',
      './dense.js',
    ]);
  });

  it('tells type imports and re-exports apart from the others', () => {
    const found = importsOf(
      `import type { A } from 'a';\nexport type { B } from 'b';\nexport { c } from 'c';\nimport { type D } from 'd';\nimport type from 'e';`,
    );
    expect(found.map(({ specifier, typeOnly, reexport }) => [specifier, typeOnly, reexport])).to.deep.equal([
      ['a', true, false],
      ['b', true, true],
      ['c', false, true],
      ['d', false, false],
      ['e', false, false],
    ]);
  });

  it('gives the line on which a statement begins', () => {
    expect(importsOf(`// first\n\nimport {\n  a,\n} from 'a';\nimport 'b';`).map(({ line }) => line)).to.deep.equal([
      3, 6,
    ]);
  });

  it('takes nothing from comments, strings, templates and regular expressions', () => {
    const source = [
      `// import 'line';`,
      `/* import 'block'; */`,
      `/** import { x } from 'doc'; */`,
      `const a = "import 'string'";`,
      `const b = \`import 'template' \${\`import 'nested' \${1}\`} import 'after'\`;`,
      `const c = /import 'regexp'["'/]/;`,
      `const d = 'it\\'s'; // import 'escaped'`,
      `const e = x / 2; const f = "import('g') / 2";`,
      `object.import('method');`,
      `import.meta.resolve('meta');`,
    ].join('\n');
    expect(specifiers(source)).to.deep.equal([]);
  });

  it('finds an import inside a template, and after a division or a quote in a regular expression', () => {
    expect(specifiers(`const a = \`\${await import('inside')}\`;`)).to.deep.equal(['inside']);
    expect(specifiers(`const a = b / c; import 'd'; const e = f / g;`)).to.deep.equal(['d']);
    expect(specifiers(`const a = b.replace(/['"\`]/g, ''); const c = await import('d');`)).to.deep.equal(['d']);
    expect(specifiers(`const a = { b: \`\${{ c: 1 }.c}\` }; const d = await import('e');`)).to.deep.equal(['e']);
  });

  it('takes no declaration for an import', () => {
    expect(
      specifiers(`export const from = 'a';\nexport type B = 'b';\nexport default 'c';\nconst exported = 'd';`),
    ).to.deep.equal([]);
  });

  it('leaves out a specifier that is computed', () => {
    expect(specifiers(`await import(\`./\${name}.js\`); await import(name);`)).to.deep.equal([]);
  });

  it('keeps the length and the lines of what it blanks', () => {
    const source = `const a = 'b\\\nc'; /* d\n e */ const f = \`g\n\${h}\`; // i`;
    const blanked = blank(source);
    expect(blanked).to.have.lengthOf(source.length);
    expect(blanked.split('\n').map((line) => line.length)).to.deep.equal(source.split('\n').map((line) => line.length));
  });

  it('reaches the end of text that never closes what it opens', () => {
    for (const source of [`'a`, '`a', '/* a', '`${', '/a', '"\\', '`\\'])
      expect(blank(source)).to.have.lengthOf(source.length);
  });
});
