import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isUpToDate } from '../../tools/up-to-date.js';

describe('isUpToDate', () => {
  let folder: string;
  const at = (path: string, seconds: number): void => utimesSync(join(folder, path), seconds, seconds);
  const isBuilt = (): boolean =>
    isUpToDate(join(folder, 'built.js'), [join(folder, 'src'), join(folder, 'config.json')]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'up-to-date-'));
    mkdirSync(join(folder, 'src/inner'), { recursive: true });
    for (const path of ['built.js', 'config.json', 'src/inner/a.ts']) writeFileSync(join(folder, path), '');
    for (const path of ['config.json', 'src/inner/a.ts', 'src/inner', 'src']) at(path, 1_000);
    at('built.js', 2_000);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is true if what was built is newer than all of its sources', () => {
    expect(isBuilt()).to.equal(true);
  });

  it('is false if a source is newer, a folder has lost a file, or nothing was built', () => {
    for (const path of ['config.json', 'src/inner/a.ts', 'src/inner']) {
      at(path, 3_000);
      expect(isBuilt(), path).to.equal(false);
      at(path, 1_000);
    }
    rmSync(join(folder, 'built.js'));
    expect(isBuilt()).to.equal(false);
  });
});
