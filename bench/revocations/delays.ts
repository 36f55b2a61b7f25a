import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Child } from '../harness/child.js';
import { sampleData, sampleUser } from '../token/sample-session.js';
import type { InstanceCommand } from './instance.js';
import type { LogName } from './logs.js';
import { storageOver } from './storage.js';

/**
 * ms from the call of `revoke` in one process until another one refuses the session, sorted. Before each revocation there is a pause of random
 * length, up to `longestPause` ms, so that they do not keep step with a log that polls.
 */
export async function delaysOver(
  name: LogName,
  place: string,
  count: number,
  longestPause: number,
): Promise<readonly number[]> {
  const secret = randomBytes(64).toString('base64url');
  const { storage, close } = await storageOver(name, place, secret);
  const [other] = await Child.start<InstanceCommand>(new URL('instance.ts', import.meta.url), {
    args: [name, place, secret],
  });
  try {
    const times: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const session = storage.create(sampleData(index)).setUser(`user-${index}`, sampleUser(index));
      const sid = session.forClient();
      const answer = await other.ask({ sid });
      if (answer !== 'live') throw new Error(String(answer));
      await pause(Math.random() * longestPause);
      const refused = other.ask('refused').then(() => performance.now());
      const start = performance.now();
      await storage.revoke({ sid });
      times.push((await refused) - start);
    }
    return times.sort((a, b) => a - b);
  } finally {
    await close();
    await other.stop();
  }
}
