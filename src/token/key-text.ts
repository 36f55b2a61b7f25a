import { createPrivateKey, createPublicKey } from 'node:crypto';

/** How PEM, SSH2, JWK, OpenSSH and PuTTY files of keys look; here only ever a reason to refuse, never a way to read them. */
const KEY_TEXT = /-{4,5} ?BEGIN |^\s*[[{].*"kty"|^\s*(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ |^\s*PuTTY-User-Key-File/s;
const BYTE_ORDER_MARK = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/;
const SHORTEST_DER = 40;

/**
 * Whether a secret is the text or bytes of a public or private key, in any encoding that such a thing is likely to be pasted
 * in: whoever knows the public key could sign (CVE-2015-9235 and its kin).
 */
export function looksLikeKey(secret: Buffer): boolean {
  // UTF-16 has a zero byte beside every one that matters here.
  const text = secret.toString('latin1').replace(BYTE_ORDER_MARK, '').replaceAll('\0', '');
  return KEY_TEXT.test(text) || isDer(secret) || isDer(Buffer.from(text, 'base64'));
}

function isDer(bytes: Buffer): boolean {
  if (bytes.length < SHORTEST_DER || bytes[0] !== 0x30) return false;
  const forms = [
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'sec1' }),
  ];
  return forms.some(isReadable);
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
