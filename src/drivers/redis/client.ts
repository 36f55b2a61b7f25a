/** Keys and arguments of a script, as node-redis takes them. */
export interface RedisScriptOptions {
  keys: string[];
  arguments: string[];
}

/** What is used of an ioredis client: a `Redis` or a `Cluster`, version 5 or 6. */
export interface IoRedisClient {
  call(command: string, args: string[]): Promise<unknown>;
}

/**
 * What is used of a node-redis client, version 5 or 6: of `createClient`, `createClientPool`, `createCluster` or
 * `createSentinel`.
 */
export interface NodeRedisClient {
  get(key: string): Promise<unknown>;
  eval(script: string, options: RedisScriptOptions): Promise<unknown>;
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>;
}

/** A connected client of the application's: the store never connects or closes it. */
export type RedisClient = IoRedisClient | NodeRedisClient;

/** The three commands that the store is made of. Each concerns one key, so that a cluster knows where to send it. */
export interface Wire {
  get(key: string): Promise<unknown>;
  /** By the script's SHA-1. */
  evalSha(sha1: string, key: string, args: string[]): Promise<unknown>;
  eval(source: string, key: string, args: string[]): Promise<unknown>;
}

/** One face for both kinds of client. That of redis is asked by method: a cluster has another `sendCommand`. */
export function wireOf(client: RedisClient): Wire {
  if ('call' in client) {
    return {
      get: (key) => client.call('GET', [key]),
      evalSha: (sha1, key, args) => client.call('EVALSHA', [sha1, '1', key, ...args]),
      eval: (source, key, args) => client.call('EVAL', [source, '1', key, ...args]),
    };
  }
  return {
    get: (key) => client.get(key),
    evalSha: (sha1, key, args) => client.evalSha(sha1, { keys: [key], arguments: args }),
    eval: (source, key, args) => client.eval(source, { keys: [key], arguments: args }),
  };
}
