import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { filesUnder } from '../../tools/common.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('docs/security-checklist.md', () => {
  const page = readFileSync(`${root}docs/security-checklist.md`, 'utf8');
  const [, rowsTable = '', storeTable = ''] = page.split(/^## /m);
  const rows = [...rowsTable.matchAll(/^\| (\d+) \|/gm)].map(([, row]) => Number(row));

  it('explains each row that the name of a test cites', () => {
    const cited = filesUnder(`${root}test`)
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) => [
        ...readFileSync(`${root}test/${file}`, 'utf8').matchAll(/\(rows? (\d+(?:(?:, | and )\d+)*)/g),
      ])
      .flatMap(([, numbers = '']) => numbers.split(/, | and /).map(Number));
    expect(cited.length).to.be.greaterThan(50);
    expect(rows).to.include.members(cited);
  });

  it('names tests that exist', () => {
    const named = [...storeTable.matchAll(/^\| \d[\d, ]* \| (.+) \|$/gm)].flatMap(([, tests = '']) =>
      [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(named.length).to.be.greaterThan(30);
    for (const name of named) {
      const path = root + (name.includes('/') ? name : `test/storage/server/${name}`);
      expect(existsSync(path) || existsSync(`${path}.test.ts`), name).to.equal(true);
    }
  });
});
