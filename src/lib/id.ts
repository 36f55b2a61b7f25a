import { randomBytes } from 'node:crypto';

const BYTES = 18;
const IDS_PER_REFILL = 128;

let pool = Buffer.alloc(0);
let next = 0;

/**
 * A fresh identity: 144 random bits as 24 base64url characters (OWASP ASVS 7.2.3 and 11.5.1 ask for 128; the length
 * is serversession's). Random bytes are drawn in bulk, because one draw per id costs ten times as much; bytes already
 * used are wiped.
 */
export function newId(): string {
  if (next === pool.length) {
    pool = randomBytes(BYTES * IDS_PER_REFILL);
    next = 0;
  }
  const end = next + BYTES;
  const id = pool.toString('base64url', next, end);
  pool.fill(0, next, end);
  next = end;
  return id;
}
