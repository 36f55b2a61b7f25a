import { warn } from './warn.js';

const told = new Set<string>();

/** Warns once of something that each worker of a cluster has for itself. PM2 in cluster mode uses node:cluster, too. */
export function warnInWorker(what: string, cure: string): void {
  if (!isWorker() || told.has(what)) return;
  told.add(what);
  warn('SESSIONS_PROCESS_LOCAL', `${what} of its own for each worker of this cluster: ${cure}`);
}

/** Loads node:cluster only for programs that ask. In its types, getBuiltinModule gives what an `import *` would. */
function isWorker(): boolean {
  return Reflect.get(process.getBuiltinModule('node:cluster'), 'isWorker') === true;
}
