import { KINDS, type Kind } from './messages.js';
import type { Sample, Served } from './served.js';

/** How long a server is loaded before it is measured. */
export interface WarmUp {
  /** ms of a window. */
  readonly window: number;
  /** Requests that it answers at least, of both kinds together. */
  readonly requests: number;
  /** The share by which the CPU of two successive windows may differ. */
  readonly flat: number;
  /** Windows of each kind after which it is measured in any case. */
  readonly longest: number;
}

/** Loads a server until what a request costs is flat. Resolves with whether it became so. */
export async function warmUp(server: Pick<Served, 'measure'>, plan: WarmUp): Promise<boolean> {
  const last = new Map<Kind, Sample>();
  let requests = 0;
  for (let at = 0; at < plan.longest || requests < plan.requests; at += 1) {
    let isFlat = true;
    for (const kind of KINDS) {
      const sample = await server.measure(kind, plan.window);
      const before = last.get(kind);
      isFlat &&= before !== undefined && Math.abs(sample.cpu / before.cpu - 1) < plan.flat;
      last.set(kind, sample);
      requests += sample.requests;
    }
    if (isFlat && requests >= plan.requests) return true;
  }
  return false;
}
