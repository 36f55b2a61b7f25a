import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { cli } from './support.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('sessions-jwt', () => {
  it('shows its commands for --help and -h', async () => {
    for (const option of ['--help', '-h']) {
      const { code, stdout, stderr } = await cli([option]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      for (const name of ['secret', 'inspect', 'sweep']) expect(stdout).to.include(`  sessions-jwt ${name} `);
    }
  });

  it('shows the help of a command, whatever else is asked', async () => {
    for (const command of ['secret', 'inspect', 'sweep']) {
      const { code, stdout, stderr } = await cli([command, '--bytes', '--help']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(new RegExp(`^usage: sessions-jwt ${command} `));
    }
  });

  it('says in the help of inspect that session data and user data are shown', async () => {
    const { stdout } = await cli(['inspect', '--help']);
    expect(stdout).to.include('session data and user data');
  });

  it('prints the version of package.json', async () => {
    expect(await cli(['--version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('answers what it does not know with its usage on standard error, and exit code 2', async () => {
    for (const args of [
      [],
      ['frob'],
      ['--frob'],
      ['toString'],
      ['--version', 'x'],
      ['secret', '--frob'],
      ['inspect', '-x'],
      ['sweep', '-x'],
    ]) {
      const { code, stdout, stderr } = await cli(args);
      expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr, args.join(' ')).to.match(/^sessions-jwt: .+\nusage:\n {2}sessions-jwt (secret|inspect|sweep)/);
    }
  });

  it('names an unknown option, but neither its value nor an unknown command, which could be secrets', async () => {
    const option = await cli(['inspect', '--frob=hunter2', 'token']);
    expect(option.stderr).to.include("'--frob': the options are --").and.not.include('hunter2');
    for (const args of [['hunter2'], ['--hunter2']]) {
      expect((await cli(args)).stderr)
        .to.include(': use secret, inspect, sweep\n')
        .and.not.include('hunter2');
    }
  });

  it('refuses an option that is given twice or without its value', async () => {
    for (const args of [
      ['--json', '--json'],
      ['--issuer', 'a', '--issuer', 'b'],
      ['--issuer'],
      ['--issuer', '--json'],
      ['--json=yes'],
    ]) {
      const { code, stderr } = await cli(['inspect', 'token', ...args]);
      expect(code, args.join(' ')).to.equal(2);
      expect(stderr, args.join(' ')).to.match(/^sessions-jwt: .*--(json|issuer)/);
    }
  });

  it('answers what fails beneath it with the reason in one line, and exit code 1', async () => {
    function* broken(): Generator<string> {
      yield 'x';
      throw new Error('the pipe\nbroke');
    }
    const outcome = await cli(['inspect', '-'], { stdin: broken() });
    expect(outcome).to.deep.equal({ code: 1, stdout: '', stderr: 'sessions-jwt: failed: the pipe\\u000abroke\n' });
  });

  it('writes control characters of the command line as escapes', async () => {
    const { stderr } = await cli(['inspect', '--\u001b[31mred\u009b\u202e']);
    expect(stderr).to.include('\\u001b[31mred\\u009b\\u202e');
    expect(stderr.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}]/u);
  });
});
