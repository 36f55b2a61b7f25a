import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';

const ROOT = dirname(dirname(import.meta.dirname));

/** Runs fixtures as `npm test` runs files. */
async function run(...fixtures: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  const mocha = ['--import', 'tsx/esm', join(ROOT, 'node_modules/mocha/bin/mocha.js'), '--no-config'];
  const options = ['--parallel', '--jobs', '2', '--require', 'test/support/setup.ts', '--reporter', 'spec'];
  const files = fixtures.map((name) => join(import.meta.dirname, 'fixtures', `${name}.mjs`));
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const child = spawn(process.execPath, [...mocha, ...options, ...files], { cwd: ROOT, env });
  const [[code], ...texts] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code, said: texts.join('') };
}

describe('A run of tests in several processes', function () {
  this.timeout(60_000);

  it('fails when one of them is killed, and when nobody handles a rejection; the others go on', async () => {
    const { code, said } = await run('killed', 'rejecting', 'passing');
    expect(code).to.be.above(0);
    expect(said).to.match(/^ {2}1 passing /m);
    expect(said).to.include('signalCode: `SIGKILL`').and.include('a process that ran tests died: SIGKILL');
    expect(said).to.include('Uncaught Error: nobody handles this');
  });

  it('fails when a test leaves time faked, and names what is faked', async () => {
    const { code, said } = await run('faking', 'passing');
    expect(code).to.be.above(0);
    expect(said).to.match(/^ {2}2 passing /m);
    expect(said).to.include('a test of this file left these faked: setTimeout, clearTimeout, Date');
  });

  it('fails when a file defines tests with functions of an earlier file, which would run none of them', async () => {
    // In two processes, one of them gets a second file.
    const { code, said } = await run('sharing-one', 'sharing-two', 'sharing-three');
    expect(code).to.be.above(0);
    expect(said).to.include('tests of this file are defined with describe or it of an earlier one');
  });
});
