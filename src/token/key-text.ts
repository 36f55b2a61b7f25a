import { createPrivateKey, createPublicKey } from 'node:crypto';

/** The formats of PEM, SSH2, JWK, OpenSSH and PuTTY key files. Only used to refuse a secret, never to read a key. */
const KEY_TEXT = /-{4,5} ?BEGIN |^\s*[[{].*"kty"|^\s*(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ |^\s*PuTTY-User-Key-File/s;
const BYTE_ORDER_MARK = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/;
const SHORTEST_DER = 40;

/**
 * Whether a secret is the text or bytes of a public or private key, in any encoding that is likely to be pasted. Anyone
 * who knows the public key could then sign tokens (CVE-2015-9235 and similar).
 */
export function looksLikeKey(secret: Buffer): boolean {
  // In UTF-16, every relevant character is paired with a zero byte.
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
