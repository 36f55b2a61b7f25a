import type { SampleData, SampleUser } from '../token/sample-session.js';
import { LOGS, OPEN } from './logs.js';

const OURS: string = 'sessions-jwt';
const { RevocationList, SessionStorage }: typeof import('../../src/index.js') = await import(OURS);

/** A storage whose list has read its whole log. */
export async function storageOver(name: string, place: string, secret: string) {
  const known = LOGS.find((one) => one === name);
  if (known === undefined) throw new Error(`no log ${name}`);
  const { log, close } = await OPEN[known](place);
  const revocations = new RevocationList({ log });
  const storage = new SessionStorage<SampleData, SampleUser>({ jwtSecret: secret, revocations });
  await revocations.ready();
  return {
    storage,
    revocations,
    async close() {
      await revocations.close();
      await close();
    },
  };
}
