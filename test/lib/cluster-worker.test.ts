import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('What a worker of a cluster has for itself', () => {
  it('is said once for each kind, in the worker alone', async () => {
    const program = fileURLToPath(new URL('./cluster-program.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx/esm', program]);
    expect(JSON.parse(stdout)).to.deep.equal({
      primary: [],
      worker: ['SESSIONS_PROCESS_LOCAL', 'SESSIONS_PROCESS_LOCAL'],
    });
  });
});
