import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

describe('A flood of long tokens', () => {
  it('does not fill the memory of the process', async function () {
    this.timeout(60_000);
    const program = fileURLToPath(new URL('./flood-program.ts', import.meta.url));
    // Rejects when the process runs out of memory.
    await promisify(execFile)(process.execPath, ['--max-old-space-size=192', '--import', 'tsx/esm', program]);
  });
});
