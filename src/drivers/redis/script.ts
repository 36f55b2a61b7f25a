import { createHash } from 'node:crypto';

/** A Lua script. Redis runs it by its SHA-1. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export function script(...parts: readonly string[]): Script {
  const source = parts.join('\n');
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}
