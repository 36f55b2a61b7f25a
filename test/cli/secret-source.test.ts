import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cli, type Outcome, SECRET, storage, WITH_SECRET } from './support.js';

describe('where sessions-jwt inspect takes the secret from', () => {
  const token = storage().create({}).forClient();
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sessions-cli-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  function file(content: string | Uint8Array): string {
    const path = join(folder, 'secret');
    writeFileSync(path, content);
    return path;
  }

  async function withFile(content: string | Uint8Array, sid = token, ...more: readonly string[]): Promise<Outcome> {
    return await cli(['inspect', sid, '--secret-file', file(content), ...more]);
  }

  it('looks into SESSION_SECRET when nothing is said', async () => {
    expect((await cli(['inspect', token], WITH_SECRET)).stdout).to.include('\nverified: ');
    expect((await cli(['inspect', token])).stdout).to.include('\nnot verified: no secret given: set SESSION_SECRET,');
  });

  it('looks into the variable that --secret-env names, and no other', async () => {
    const env = { MINE: SECRET, SESSION_SECRET: 'x'.repeat(64) };
    expect((await cli(['inspect', token, '--secret-env', 'MINE'], { env })).code).to.equal(0);
    expect((await cli(['inspect', token], { env })).code).to.equal(1);
  });

  it('reads a file, less one newline at its end', async () => {
    for (const end of ['', '\n', '\r\n']) expect((await withFile(SECRET + end)).code, JSON.stringify(end)).to.equal(0);
    for (const end of ['\n\n', ' ', '\r', ' \n']) {
      expect((await withFile(SECRET + end)).stdout, JSON.stringify(end)).to.include('(bad_signature)');
    }
  });

  it('takes the bytes of a file as they are, text or not', async () => {
    const bytes = Buffer.from([...Array(64).keys()].map((index) => 255 - index));
    const sid = storage({ jwtSecret: bytes }).create({}).forClient();
    expect((await withFile(bytes, sid)).code).to.equal(0);
  });

  it('reads a PEM key from a file, private or public', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const sid = storage({ jwtSecret: privateKey, jwtAlgorithm: 'ES256' }).create({}).forClient();
    for (const pem of [privateKey, publicKey]) {
      expect((await withFile(pem, sid, '--algorithm', 'ES256')).code).to.equal(0);
    }
    const confused = await withFile(publicKey, sid);
    expect(confused.code).to.equal(2);
    expect(confused.stderr).to.include('PEM').and.not.include(publicKey.split('\n')[1]);
  });

  it('prefers the file that is named to the variable that is not', async () => {
    const args = ['inspect', token, '--secret-file', file(SECRET)];
    expect((await cli(args, { env: { SESSION_SECRET: 'x'.repeat(64) } })).code).to.equal(0);
  });

  it('refuses a place that holds no secret, rather than going on without one, and does not repeat its name', async () => {
    const places: readonly (readonly string[])[] = [
      ['--secret-env', 'hunter2'],
      ['--secret-env', 'EMPTY'],
      ['--secret-file', join(folder, 'hunter2')],
      ['--secret-file', folder],
      ['--secret-file', file('\n')],
      ['--secret-file', 'hunter2\0'],
      ['--secret-env', 'FULL', '--secret-file', 'hunter2'],
    ];
    for (const place of places) {
      const { code, stdout, stderr } = await cli(['inspect', token, ...place], { env: { EMPTY: '', FULL: SECRET } });
      expect({ code, stdout }, place.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr, place.join(' ')).to.match(/^sessions-jwt: .*(--secret-|is empty)/);
      expect(stderr, place.join(' ')).not.to.include('hunter2');
    }
    expect((await cli(['inspect', token], { env: { SESSION_SECRET: '' } })).code).to.equal(2);
  });

  it('refuses a secret on the command line, says why, and does not repeat it', async () => {
    for (const args of [['--secret', SECRET], [`--secret=${SECRET}`], ['--secret']]) {
      for (const all of [
        ['inspect', token, ...args],
        ['inspect', ...args, token],
      ]) {
        const { code, stdout, stderr } = await cli(all, WITH_SECRET);
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr).to.include('--secret is refused').and.include('SESSION_SECRET').and.not.include(SECRET);
      }
    }
  });
});
