import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** HS512 requires a key at least as long as its hash (RFC 7518 section 3.2). */
const SECRET_BYTES = 64;

/**
 * Returns `SESSION_SECRET` if it is set, else the secret in the file at `path`, which the first start creates.
 * Anyone with the secret can sign in as any user: keep it out of the repository, and let only the owner read its file.
 */
export function readSecret(path: string, fromEnvironment?: string): string {
  if (fromEnvironment) return fromEnvironment;
  const secret = readIfThere(path) ?? make(path);
  if (secret.length < SECRET_BYTES)
    throw new Error(`${path} has no complete secret: delete the file, and the next start creates a new one`);
  return secret;
}

/** What HMAC-SHA-256 of CSRF tokens requires. */
const CSRF_SECRET_BYTES = 32;

/**
 * The same for the secret of CSRF tokens and `CSRF_SECRET`. A secret signs one kind of token only.
 * @throws Error if `CSRF_SECRET` is too short
 */
export function readCsrfSecret(path: string, fromEnvironment?: string): string {
  if (fromEnvironment && Buffer.byteLength(fromEnvironment) < CSRF_SECRET_BYTES) {
    throw new Error(`CSRF_SECRET must have ${CSRF_SECRET_BYTES} bytes or more. To create one: npx sessions-jwt secret`);
  }
  return readSecret(path, fromEnvironment);
}

/**
 * Two first starts at the same time must agree on one secret. Each writes a draft and links it to `path`. Only one link succeeds, because linking
 * never replaces a file, unlike renaming. So the file at `path` is always complete.
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
