import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { SameFile } from '../../../src/drivers/sqlite/same-file.js';
import { StoreUnavailable } from '../../../src/index.js';
import { newPath } from './support.js';

describe('SameFile', () => {
  it('throws StoreUnavailable after the file was replaced or removed, and not after it was written', () => {
    const [path, other] = [newPath(), newPath()];
    writeFileSync(path, 'one');
    writeFileSync(other, 'one');
    const file = new SameFile(path);
    appendFileSync(path, 'more');
    file.check();
    renameSync(other, path);
    expect(() => file.check()).to.throw(StoreUnavailable, 'removed or replaced');
    new SameFile(path).check();
    rmSync(path);
    expect(() => file.check()).to.throw(StoreUnavailable, 'removed or replaced');
  });

  it('accepts what it cannot judge: a database without a file, and a path that cannot be looked at', () => {
    new SameFile('').check();
    const path = newPath();
    const unknown = new SameFile(path);
    writeFileSync(path, 'later');
    unknown.check();
    const file = new SameFile(path);
    rmSync(path);
    symlinkSync(path, path);
    file.check();
    new SameFile(path).check();
  });
});
