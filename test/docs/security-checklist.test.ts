import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { filesUnder } from '../../tools/common.js';
import { documentAt, ROOT } from './documents.js';
import { tablesIn } from './markdown.js';

/** Words that say why a requirement may have no test. */
const WITHOUT_TEST = /\*\*(?:Application|Differs|Not here)\*\*|\]\(/;
const CITED = /\(rows? (\d+(?:(?:, | and | to )\d+)*)/g;
const ADVISORY = /\b(?:CVE-\d{4}-\d+|GHSA(?:-\w{4})+)/g;

const page = documentAt('docs/security-checklist.md').text;
const tables = tablesIn(page, /^\| (\w+) \|.*\| tests \|$/);
const lines = tables.flatMap(({ rows }) => rows).map((cells) => ({ cells, tests: cells.at(-1) ?? '' }));
const rows = new Map(tables[0]?.rows.map((cells) => [Number(cells[0]), cells.at(-1) ?? '']));

/** Each test file, by its name on the page, with the code of its titles. */
const files = new Map(
  filesUnder(`${ROOT}test`)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file.replace(/\.test\.ts$/, ''), readFileSync(`${ROOT}test/${file}`, 'utf8')]),
);

const namesIn = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name);

/** The numbers of `12`, `3, 4 and 5` and `3 to 5`. */
function numbersIn(text: string): number[] {
  return text.split(/, | and /).flatMap((part) => {
    const [first = 0, last = first] = part.split(' to ').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const rowsIn = (cell: string): number[] =>
  Array.from(cell.matchAll(/\brows? (\d+(?:(?:, | to )\d+)*)/g)).flatMap(([, text = '']) => numbersIn(text));

const citedIn = (code: string): number[] =>
  Array.from(code.matchAll(CITED)).flatMap(([, text = '']) => numbersIn(text));

/** Whether the tests of a cell include a file, by its name or by that of a folder. */
const includes = (cell: string, file: string): boolean =>
  namesIn(cell).some((name) => name === file || (name.endsWith('/') && file.startsWith(name)));

describe('docs/security-checklist.md', () => {
  it('has a table for each source', () => {
    expect(tables.map(({ title }) => title)).to.deep.equal(['row', 'id', 'sheet', 'source', 'input', 'id']);
    expect([...rows.keys()]).to.deep.equal(Array.from({ length: 70 }, (_, i) => i + 1));
    for (const { cells } of lines) expect(cells.slice(-2), cells.join(' | ')).not.to.include('');
  });

  it('names tests and rows that exist', () => {
    expect(lines.length).to.be.greaterThan(200);
    for (const { tests } of lines) {
      for (const name of namesIn(tests)) {
        const path = `${ROOT}test/${name.endsWith('/') ? name : `${name}.test.ts`}`;
        expect(existsSync(path), name).to.equal(true);
      }
      for (const row of rowsIn(tests)) {
        expect(rows.has(row), `row ${row}`).to.equal(true);
        expect(rows.get(row), `row ${row}, which has no test`).not.to.equal('–');
      }
    }
  });

  it('has a test for each requirement, or says why not', () => {
    for (const { cells, tests } of lines) {
      if (tests === '–') expect(cells.join(' | ')).to.match(WITHOUT_TEST);
      else expect(namesIn(tests).length + rowsIn(tests).length, cells.join(' | ')).to.be.greaterThan(0);
    }
  });

  it('names each file that cites a row, in that row', () => {
    const cited = [...files].flatMap(([file, code]) => citedIn(code).map((row) => ({ file, row })));
    expect(cited.length).to.be.greaterThan(150);
    for (const { file, row } of cited) {
      expect(includes(rows.get(row) ?? '', file), `${file} in row ${row}`).to.equal(true);
    }
  });

  it('has no row that no test cites, unless it has no tests', () => {
    const cited = new Set([...files.values()].flatMap(citedIn));
    for (const [row, tests] of rows) expect(cited.has(row), `row ${row}`).to.equal(tests !== '–');
  });

  it('knows each flaw of another package that a test cites, and names the file', () => {
    const cited = [...files].flatMap(([file, code]) =>
      Array.from(code.matchAll(/^ *(?:describe|it)\((['`"]).*\1,/gm), ([title]) => title)
        .flatMap((title) => title.match(ADVISORY) ?? [])
        .map((id) => ({ file, id })),
    );
    expect(cited.length).to.be.greaterThan(15);
    for (const { file, id } of cited) {
      const about = lines.filter(({ cells }) => cells.join(' ').includes(id));
      const named = about.some(({ tests }) =>
        [tests, ...rowsIn(tests).map((row) => rows.get(row) ?? '')].some((cell) => includes(cell, file)),
      );
      expect(named, `${file}: ${id}`).to.equal(true);
    }
  });
});
