import { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage } from '../packages.js';
import type { SampleData, SampleUser } from '../token/sample-session.js';
import { secret } from './routes.js';

/** Sessions in tokens, which can be ended. */
export function ourTokens() {
  return new SessionStorage<SampleData, SampleUser>({ jwtSecret: secret(), revocations: new RevocationList() });
}

/** Sessions in the memory of the server's process. */
export function ourMemory() {
  return new ServerSessionStorage<SampleData, SampleUser>({ store: new MemoryStore() });
}
