/**
 * The clients of all servers, in a process of their own. Answers one message at a time, see `ClientCommand`.
 *
 * @module
 */
import { Load } from './load.js';
import type { ClientCommand, LoadResult } from './messages.js';

const loads = new Map<number, Load>();

process.on('message', (command: ClientCommand) => void obey(command).then((answer) => process.send?.(answer)));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function obey(command: ClientCommand): Promise<LoadResult | 'signed in'> {
  if ('signIn' in command) {
    loads.set(command.signIn, await Load.signIn(command.signIn));
    return 'signed in';
  }
  const load = loads.get(command.load);
  if (load === undefined) throw new Error(`nobody signed in at port ${command.load}`);
  return await load.run(command.kind, command.ms);
}
