import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { filesUnder } from '../tools/common.js';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

const sources = new Map(
  filesUnder(SRC)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, withoutComments(readFileSync(SRC + path, 'utf8'))]),
);

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** The files whose code matches. */
function filesWith(pattern: RegExp): string[] {
  return [...sources].filter(([, code]) => pattern.test(code)).map(([path]) => path);
}

/** A MAC, or a call that makes one; not its length. */
const MAC = String.raw`(?:\b(?:mac|tag|signature|expected|given)\b|\b(?:macOf|tagOf|hmac)\([^)]*\)|\.digest\([^)]*\))(?:\.toString\([^)]*\))?`;
const UNSAFE = new RegExp(
  [
    `${MAC}\\s*[!=]==?(?!=|\\s*undefined\\b)`,
    `[!=]==?\\s*${MAC}(?![.\\w])`,
    `${MAC}\\.(?:equals|compare|localeCompare|startsWith|includes)\\(`,
    `\\b(?:compare|isDeepStrictEqual|Object\\.is)\\([^)]*${MAC}`,
  ].join('|'),
);

describe('The code', () => {
  it('takes cryptography from node:crypto only (ASVS 11.2.1)', () => {
    expect(filesWith(/from 'node:crypto'/).length).to.be.greaterThan(10);
    expect(
      filesWith(/from '(?:crypto|node:crypto\/|crypto-js|[^']*(?:hash|sha\d|uuid|nanoid|webcrypto))/),
    ).to.deep.equal([]);
    expect(filesWith(/\bcrypto\.subtle\b|\bglobalThis\.crypto\b|\brandomUUID\b/)).to.deep.equal([]);
  });

  it('has no chance that can be guessed in ids, sids and secrets (row 1)', () => {
    // The length of a pause.
    expect(filesWith(/\bMath\.random\b/)).to.deep.equal([
      'client/backoff.ts',
      'drivers/postgres/connection.ts',
      'drivers/sqlite/connection.ts',
      'storage/sweeper.ts',
    ]);
    expect(filesWith(/\brandomBytes\(/)).to.include.members(['lib/id.ts', 'http/csrf/token.ts', 'cli/secret.ts']);
  });

  it('compares MACs by timingSafeEqual only (row 45)', () => {
    const files = filesWith(/\bcreateHmac\(/);
    expect(files).to.deep.equal(['http/csrf/token.ts', 'token/signature.ts']);
    for (const file of files) {
      const code = sources.get(file) ?? '';
      expect(code, file).to.match(/\btimingSafeEqual\(/);
      expect(UNSAFE.exec(code)?.[0], file).to.equal(undefined);
    }
  });

  it('would show a comparison that takes as long as two MACs agree', () => {
    for (const code of [
      'macOf(key, binding, random) === mac',
      'mac === other',
      'other !== tag',
      'tagOf(key, start).equals(tag)',
      'expected == given',
      "macOf(key, binding, random).toString('hex') === text",
      "createHmac(hash, key).update(input).digest('base64url') === signature",
      'Buffer.compare(expected, given) === 0',
    ]) {
      expect(code).to.match(UNSAFE);
    }
    for (const code of [
      'timingSafeEqual(macOf(key, binding, random), mac)',
      'expected.length === given.length && timingSafeEqual(expected, given)',
      'signature === undefined',
    ]) {
      expect(code).not.to.match(UNSAFE);
    }
  });

  it('runs no text as code, and makes regular expressions of constants only', () => {
    expect(filesWith(/\bnew Function\b|'node:vm'/)).to.deep.equal([]);
    const made = [...sources.values()].flatMap((code) =>
      [...code.matchAll(/^.*\bnew RegExp\(/gm)].map(([line]) => line),
    );
    expect(made.length).to.be.greaterThan(0);
    for (const line of made) expect(line).to.match(/^const [A-Z]+ = new RegExp\($/);
  });

  it('imports no value of node:http, because that loads the WebSocket of Node too; helpers for tests may', () => {
    const files = filesWith(/^import (?!type\b)[^;]*from 'node:http'/m);
    expect(files.filter((path) => !path.startsWith('testing/'))).to.deep.equal([]);
    expect(files).to.include('testing/adapter-cases/connections.ts');
  });
});
