/**
 * One instance of a service, in a process of its own, which refuses what another one revoked: `instance.ts <log> <place> <secret>`. The
 * command 'refused' is answered as soon as it refuses the session of the command before.
 *
 * @module
 */
import { storageOver } from './storage.js';

/** A session to watch, which must be live; or the question when it is refused. */
export type InstanceCommand = { readonly sid: string } | 'refused';

const [, , name = '', place = '', secret = ''] = process.argv;
const { storage, revocations } = await storageOver(name, place, secret);
let watched = '';

function isRefused(): boolean {
  try {
    storage.get(watched, { touch: false });
    return false;
  } catch {
    return true;
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (command: InstanceCommand) => {
  if (command !== 'refused') {
    watched = command.sid;
    process.send?.(isRefused() ? 'refused too early' : 'live');
    return;
  }
  const answer = (): void => {
    if (!isRefused()) return;
    stop();
    process.send?.('refused');
  };
  const stop = revocations.onAdded(answer);
  answer();
});
process.send?.('ready');
