import { RevocationList, SessionStorage, StoreUnavailable } from '../../src/index.js';
import { FaultyLog } from './faulty-log.js';
import { SECRET } from './sessions.js';

// A program with nothing to do but to wait for a log that fails.
const log = new FaultyLog({ appending: 'fails' });
const revocations = new RevocationList({ log, deadline: 20 });
const storage = new SessionStorage({ jwtSecret: SECRET, revocations });
await storage.revoke({ uid: 'u1' }).catch((error: unknown) => {
  if (error instanceof StoreUnavailable) process.stdout.write(error.code);
});
