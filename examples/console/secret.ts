import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** HS512 wants a key at least as long as its hash (RFC 7518 section 3.2). */
const SECRET_BYTES = 64;

/**
 * `SESSION_SECRET` if there is one, else the secret in the file at `path`, which the first start makes.
 * Whoever has the secret can sign in as anybody: it belongs in no repository, and its file is its owner's alone to read.
 */
export function readSecret(path: string, fromEnvironment?: string): string {
  if (fromEnvironment) return fromEnvironment;
  const secret = readIfThere(path) ?? make(path);
  if (secret.length < SECRET_BYTES) throw new Error(`${path} holds no whole secret: delete it, and a new one is made`);
  return secret;
}

/**
 * Two first starts at once must agree. Each writes a draft, and only one can give its draft the name: linking, other than
 * renaming, never replaces a file. And what has the name is whole.
 */
function make(path: string): string {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8').trim();
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
