import { expect } from 'chai';
import {
  MemoryStore,
  RevocationList,
  type RevokeTarget,
  ServerSessionStorage,
  SessionStorage,
} from '../../../src/index.js';
import type { NewRevocation, RevocationLog } from '../../../src/ports/revocation-log.js';
import { SECRET } from '../../support/sessions.js';

const LONG = 'x'.repeat(1_000_000);

/** What an application may pass on as a client sent it. */
const targets: Readonly<Record<string, RevokeTarget>> = {
  'a session': { id: LONG, lineage: LONG },
  "a user's session": { id: LONG, uid: 'u1' },
  'all but one': { uid: 'u1', except: { id: LONG, lineage: LONG } },
};

describe('revoke with names that are longer than any session has', () => {
  for (const [what, target] of Object.entries(targets)) {
    it(`keeps and logs no more than 256 characters of them: ${what}`, async () => {
      const appended: NewRevocation[] = [];
      const log: RevocationLog = {
        guarantee: 'log',
        append: async (entry: NewRevocation) => String(appended.push(entry)),
        async *read() {
          yield [];
        },
        close: async () => {},
      };
      const revocations = new RevocationList({ log });
      await revocations.ready();
      await new SessionStorage({ jwtSecret: SECRET, revocations }).revoke(target);
      expect(appended).to.have.length.above(0);
      expect(JSON.stringify(appended).length).to.be.below(1_000);
      await revocations.close();
    });

    if (what === 'all but one') continue;

    it(`ends nothing in a store: ${what}`, async () => {
      const storage = new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null });
      const session = (await storage.create()).setUser('u1');
      await session.save();
      await storage.revoke(target);
      expect((await storage.get(session.forClient())).uid).to.equal('u1');
    });
  }
});
