import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { readCsrfSecret, readSecret } from '../../examples/console/secret.js';
import type { FirstStarts } from './console-first-start.js';

describe('examples/console: the secret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made at the first start, for its owner alone, and found again', () => {
    const path = join(folder, '.secret');
    const secret = readSecret(path);
    expect(Buffer.from(secret, 'base64url')).to.have.length(64);
    expect(readdirSync(folder)).to.deep.equal(['.secret']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readSecret(path)).to.equal(secret);
    expect(readSecret(join(folder, 'other'))).not.to.equal(secret);
  });

  it('is SESSION_SECRET when there is one, and then no file is made', () => {
    const path = join(folder, '.secret');
    expect(readSecret(path, 'from outside')).to.equal('from outside');
    expect(existsSync(path)).to.equal(false);
    expect(readSecret(path, '')).to.have.length(86);
  });

  it('of CSRF tokens is made and found in the same way, and CSRF_SECRET has 32 bytes at least', () => {
    const path = join(folder, '.csrf-secret');
    const secret = readCsrfSecret(path);
    expect(readCsrfSecret(path, '')).to.equal(secret).and.have.length(86);
    expect(readCsrfSecret(path, 'ä'.repeat(16))).to.equal('ä'.repeat(16));
    expect(() => readCsrfSecret(path, 'x'.repeat(31)))
      .to.throw(Error, 'CSRF_SECRET must have 32 bytes or more')
      .with.property('message')
      .that.does.not.include('xx');
  });

  it('is not taken from a file that holds no whole one', () => {
    const path = join(folder, '.secret');
    writeFileSync(path, 'half');
    expect(() => readSecret(path)).to.throw(Error, 'delete the file');
    expect(readFileSync(path, 'utf8')).to.equal('half');
  });

  it('is the same for all who start for the first time at once', async () => {
    const threads = 2;
    const paths = Array.from({ length: 200 }, (_, turn) => join(folder, String(turn)));
    const arrived = new Int32Array(new SharedArrayBuffer(paths.length * 4));
    const thread = new URL('console-first-start.ts', import.meta.url).href;
    // A thread does not inherit the loader that reads TypeScript.
    const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(thread)})))`;
    const starts = Array.from({ length: threads }, async (_, index) => {
      const workerData: FirstStarts = { paths, threads, lag: index * 20, arrived };
      const [secrets] = await once(new Worker(load, { eval: true, workerData }), 'message');
      return secrets;
    });
    const [first, second] = await Promise.all(starts);
    expect(first).to.have.length(paths.length);
    expect(second).to.deep.equal(first);
    expect(new Set(first).size).to.equal(paths.length);
    for (const secret of first) expect(secret).to.match(/^[\w-]{86}$/);
    expect(readdirSync(folder)).to.have.length(paths.length);
  });
});
