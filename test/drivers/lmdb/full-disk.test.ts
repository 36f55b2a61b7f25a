import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { CHILD, newPath } from './support.js';

const run = promisify(execFile);

describe('LmdbStore on a disk that is full', () => {
  it('rejects what does not fit with StoreUnavailable, keeps the rest, and goes on when there is room', async () => {
    const { NODE_V8_COVERAGE: _, ...env } = process.env;
    // 256 KiB for any file that is written.
    const limited = ['-c', 'ulimit -f 512; exec "$@"', 'sh', process.execPath, ...process.execArgv];
    const { stdout } = await run('sh', [...limited, CHILD, 'fill', newPath()], { env });
    const report = JSON.parse(stdout);
    expect(report).to.deep.include({ unhandled: [], isFreedAfterwards: true, isWrittenAfterwards: true });
    expect(report.written).to.be.greaterThan(0);
    expect(report.refused).to.be.greaterThan(0);
    expect(report.unavailable).to.equal(report.refused);
    expect(report.found).to.equal(report.written);
    expect(report.causes).to.deep.equal(['Error: Input/output error']);
  });
});
