import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { asRecord, readJson } from '../../tools/common.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('CHANGELOG.md', () => {
  const headings = [...readFileSync(`${root}CHANGELOG.md`, 'utf8').matchAll(/^## .+$/gm)].map(([heading]) => heading);
  const releases = headings.filter((heading) => heading !== '## [Unreleased]');

  it('says what is unreleased first, then each release with its date', () => {
    expect(headings.indexOf('## [Unreleased]')).to.be.oneOf([0, -1]);
    expect(releases).not.to.be.empty;
    for (const release of releases) expect(release).to.match(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
  });

  it('has the version of the package as its newest release', () => {
    const { version } = readJson(`${root}package.json`);
    const locked = readJson(`${root}package-lock.json`);
    expect(releases[0]).to.include(`[${String(version)}] - `);
    expect(locked['version']).to.equal(version);
    expect(asRecord(asRecord(locked['packages'])[''])['version']).to.equal(version);
  });
});
