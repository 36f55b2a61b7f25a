import type { IoRedisClient, NodeRedisClient, NodeRedisScanner, RedisClient } from './client.js';

/** The result of one step through the keys of a server. */
export interface Page {
  /** '0' after the last step. */
  readonly cursor: string;
  readonly keys: readonly string[];
}

/** Takes one step from `cursor`, '0' being the start, and returns the keys that begin with the prefix. */
export type Scan = (cursor: string) => Promise<Page>;

/** The commands that the store and the bus use. All keys of one command are in one slot, so that a cluster can route it. */
export interface Wire {
  get(key: string): Promise<unknown>;
  /** Runs a script by its SHA-1. */
  evalSha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(source: string, keys: string[], args: string[]): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
  /** One scan per server that has keys of this store; none when the client cannot scan. */
  scans(prefix: string): Promise<readonly Scan[]>;
}

/** The number of keys that one step of a scan looks at. */
const COUNT = 300;

/** One interface for both kinds of client. Clients of `redis` are called by method, because `sendCommand` of a cluster has other parameters. */
export function wireOf(client: RedisClient): Wire {
  return 'call' in client ? ioRedisWire(client) : nodeRedisWire(client);
}

function ioRedisWire(client: IoRedisClient): Wire {
  return {
    get: (key) => client.call('GET', [key]),
    evalSha: (sha1, keys, args) => client.call('EVALSHA', [sha1, String(keys.length), ...keys, ...args]),
    eval: (source, keys, args) => client.call('EVAL', [source, String(keys.length), ...keys, ...args]),
    unlink: (key) => client.call('UNLINK', [key]),
    scans: async (prefix) => {
      // The client adds its own prefix to the keys of commands, but not to patterns, and does not remove it from replies.
      const before = client.options?.keyPrefix ?? '';
      const match = patternOf(before + prefix);
      return (client.nodes?.('master') ?? [client]).map((node) => async (cursor) => {
        const reply = await node.call('SCAN', [cursor, 'MATCH', match, 'COUNT', String(COUNT)]);
        const [next, keys] = Array.isArray(reply) ? reply : [];
        return pageOf(next, keys, before);
      });
    },
  };
}

function nodeRedisWire(client: NodeRedisClient): Wire {
  return {
    get: (key) => client.get(key),
    evalSha: (sha1, keys, args) => client.evalSha(sha1, { keys, arguments: args }),
    eval: (source, keys, args) => client.eval(source, { keys, arguments: args }),
    unlink: async (key) => client.unlink?.(key),
    scans: async (prefix) => {
      const scans: Scan[] = [];
      for (const node of await scannersOf(client)) {
        if (node.scan === undefined) continue;
        scans.push(async (cursor) => {
          const reply = await node.scan?.(cursor, { MATCH: patternOf(prefix), COUNT });
          const { cursor: next, keys } = Object(reply);
          return pageOf(next, keys, '');
        });
      }
      return scans;
    },
  };
}

async function scannersOf(client: NodeRedisClient): Promise<readonly NodeRedisScanner[]> {
  if (client.masters === undefined) return [client];
  return Promise.all(client.masters.map(async (node) => (await client.nodeClient?.(node)) ?? {}));
}

function pageOf(cursor: unknown, keys: unknown, before: string): Page {
  const found = Array.isArray(keys) ? keys.map((key) => String(key).slice(before.length)) : [];
  return { cursor: String(cursor ?? '0'), keys: found };
}

/** A pattern that matches exactly the keys that begin with `prefix`. */
function patternOf(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
}
