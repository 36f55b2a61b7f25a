import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { Keyring } from '../../src/token/keyring.js';
import { cli } from './support.js';

describe('sessions-jwt secret', () => {
  it('prints a secret of 64 random bytes as base64url text, and nothing else', async () => {
    const { code, stdout, stderr } = await cli(['secret']);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^[A-Za-z0-9_-]{86}\n$/);
    expect(Buffer.from(stdout.trim(), 'base64url')).to.have.length(64);
  });

  it('prints another one each time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => cli(['secret'])));
    expect(new Set(outcomes.map(({ stdout }) => stdout))).to.have.property('size', 50);
  });

  it('prints one that no HS algorithm calls short', async () => {
    const { stdout } = await cli(['secret']);
    expect(new Keyring('HS512', [stdout.trim()]).warning).to.equal(undefined);
    const storage = new SessionStorage({ jwtSecret: stdout.trim() });
    expect(storage.get(storage.create({ cart: 1 }).forClient()).sessionData).to.deep.equal({ cart: 1 });
  });

  it('makes it as long as --bytes says', async () => {
    for (const bytes of [32, 33, 1024]) {
      const { stdout } = await cli(['secret', '--bytes', String(bytes)]);
      expect(Buffer.from(stdout.trim(), 'base64url')).to.have.length(bytes);
    }
  });

  it('refuses a length that serves no algorithm, or is no number', async () => {
    for (const bytes of ['31', '0', '1025', '1e2', '64.5', '', 'many', '99999999999999999999']) {
      const { code, stdout, stderr } = await cli(['secret', `--bytes=${bytes}`]);
      expect({ code, stdout }, bytes).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr, bytes).to.match(/^sessions-jwt: --bytes /);
    }
  });

  it('takes no arguments, and does not repeat one', async () => {
    const { code, stdout, stderr } = await cli(['secret', 'hunter2']);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.include('secret takes no arguments').and.not.include('hunter2');
  });
});
