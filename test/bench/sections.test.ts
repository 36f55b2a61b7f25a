import { expect } from 'chai';
import { withSections } from '../../bench/sections.js';

const OLD = `# Benchmark results

An older introduction.

## Machine and versions

old machine

## Tokens

old tokens

### A table of tokens

| old |

## Goals

a section of an older version

## Live streams

old streams
`;

/** The sections of results, by title. */
function sectionsOf(results: string): [title: string, text: string][] {
  return results
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [title = '', ...lines] = text.split('\n');
      return [title, lines.join('\n').trim()];
    });
}

describe('The results of the benchmark', () => {
  it('get the sections that were measured, and keep the others', () => {
    const results = withSections(OLD, new Map([['tokens', 'new tokens\n\n### A table\n\n| new |']]));
    expect(sectionsOf(results)).to.deep.equal([
      ['Machine and versions', 'old machine'],
      ['Tokens', 'new tokens\n\n### A table\n\n| new |'],
      ['Live streams', 'old streams'],
    ]);
  });

  it('have their sections in the same order, whichever was measured first', () => {
    const results = withSections(
      OLD,
      new Map([
        ['memory', 'new memory'],
        ['stores', 'new stores'],
      ]),
    );
    expect(sectionsOf(results).map(([title]) => title)).to.deep.equal([
      'Machine and versions',
      'Tokens',
      'Stores',
      'Live streams',
      'Memory',
    ]);
  });

  it('stay as they are when nothing is measured anew', () => {
    const results = withSections(OLD, new Map([['import', 'new import']]));
    expect(withSections(results, new Map())).to.equal(results);
    expect(results).to.match(/^# Benchmark results\n\nWritten by `npm run bench`/);
  });
});
