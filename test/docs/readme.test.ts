import { expect } from 'chai';
import { documentAt } from './documents.js';
import { tablesIn } from './markdown.js';

describe('The README', () => {
  const { text } = documentAt('README.md');

  it('stays short: what takes longer has a page of its own', () => {
    expect(text.split('\n').length).to.be.at.most(200);
  });

  it('quotes figures that the newest benchmark results have', () => {
    const [speed] = tablesIn(text, /^\| (measured) \|/);
    const figures = speed?.rows.flatMap(([, ...cells]) => cells.join(' ').match(/\d+(?:\.\d+)?/g) ?? []) ?? [];
    expect(figures.length).to.be.greaterThan(15);
    const results = new Set(documentAt('bench/results.md').text.match(/\d+(?:\.\d+)?/g));
    expect(figures.filter((figure) => !results.has(figure))).to.deep.equal([]);
  });
});
