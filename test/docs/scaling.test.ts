import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect } from 'chai';
import { documentAt, ROOT } from './documents.js';
import { tablesIn } from './markdown.js';

const PAGE = documentAt('docs/scaling.md');
const [table] = tablesIn(PAGE.text, /^\| (what happens) \| what users see \| for how long \| test \|$/);
const rows = table?.rows ?? [];

/** The links of a cell to tests: their titles, or a part of them, and their files. */
const testsIn = (cell: string): { readonly title: string; readonly file: string }[] =>
  Array.from(cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g), ([, title = '', target = '']) => ({
    title,
    file: posix.join('docs', target),
  }));

/** Whether the file has a test whose title contains this text. */
function hasTest({ title, file }: { readonly title: string; readonly file: string }): boolean {
  const code = readFileSync(ROOT + file, 'utf8');
  return Array.from(code.matchAll(/\bit\(\s*(['"`])(.*?)\1,/g)).some(([, , given = '']) => given.includes(title));
}

describe('The page about scaling', () => {
  it('names for every failure a test that exists', () => {
    expect(rows.length).to.be.greaterThan(15);
    const tests = rows.map((cells) => ({ what: cells[0], tests: testsIn(cells.at(-1) ?? '') }));
    expect(tests.filter((one) => one.tests.length === 0)).to.deep.equal([]);
    const missing = tests.flatMap((one) => one.tests).filter((one) => !hasTest(one));
    expect(missing).to.deep.equal([]);
  });

  it('would notice a test that is not there', () => {
    const file = 'test/docs/scaling.test.ts';
    expect(hasTest({ title: 'would notice a test', file })).to.equal(true);
    expect(hasTest({ title: ['no', 'such', 'test'].join(' '), file })).to.equal(false);
  });

  it('says what happens in each of the failures that a service must expect', () => {
    const all = rows.map(([what]) => what).join('\n');
    for (const one of [
      'the store does not',
      'the log does not',
      'clocks',
      'restarts',
      'deployed',
      'leaked',
      'stopped',
    ]) {
      expect(all).to.include(one);
    }
    expect(all).to.include('emptied');
  });
});
