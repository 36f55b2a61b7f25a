import { bytesInUse } from '../harness/memory-use.js';
import { sampleSecret } from '../token/sample-session.js';
import { mintTokens, storageWith } from '../token/storages.js';
import { TokenBytes } from '../token/token-bytes.js';

/** Bytes that a storage keeps of a token it has seen twice. */
export async function cachedTokenBytes(count: number): Promise<number> {
  const secret = sampleSecret();
  const tokens = new TokenBytes(mintTokens(storageWith(secret), count));
  const storage = storageWith(secret, { cacheSize: count });
  const before = await bytesInUse();
  // The cache takes a token at its second sight.
  for (const token of tokens.each()) for (let time = 0; time < 2; time += 1) storage.get(token);
  const taken = (await bytesInUse()) - before;
  // Both must live until here.
  if (storage.get(tokens.fresh()[0]).uid === undefined) throw new Error('the token does not open');
  return taken / count;
}
