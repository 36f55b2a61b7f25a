import cluster from 'node:cluster';
import { warn } from './warn.js';

const told = new Set<string>();

/** Warns once of something that each worker of a cluster has for itself. PM2 in cluster mode uses node:cluster, too. */
export function warnInWorker(what: string, cure: string): void {
  if (!cluster.isWorker || told.has(what)) return;
  told.add(what);
  warn('SESSIONS_PROCESS_LOCAL', `${what} of its own for each worker of this cluster: ${cure}`);
}
