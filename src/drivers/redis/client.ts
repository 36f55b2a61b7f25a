/** Keys and arguments of a script, as node-redis takes them. */
export interface RedisScriptOptions {
  keys: string[];
  arguments: string[];
}

/** What is used of an ioredis client: a `Redis` or a `Cluster`, version 5 or 6. */
export interface IoRedisClient {
  call(command: string, args: string[]): Promise<unknown>;
  /** Of a cluster: the clients of its nodes. */
  nodes?(role: 'master'): readonly IoRedisClient[];
  readonly options?: { readonly keyPrefix?: string | undefined };
}

/** What is used of a node-redis client to remove what `deleteAll` left behind. */
export interface NodeRedisScanner {
  scan?(cursor: string, options: { MATCH: string; COUNT: number }): Promise<unknown>;
}

/**
 * What is used of a node-redis client, version 5 or 6: of `createClient`, `createClientPool`, `createCluster` or
 * `createSentinel`.
 */
export interface NodeRedisClient extends NodeRedisScanner {
  get(key: string): Promise<unknown>;
  eval(script: string, options: RedisScriptOptions): Promise<unknown>;
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>;
  unlink?(key: string): Promise<unknown>;
  /** Of a cluster: its primaries, and how to get the client of one. */
  readonly masters?: readonly unknown[];
  nodeClient?(node: unknown): NodeRedisScanner | Promise<NodeRedisScanner>;
}

/** A connected client of the application's: the store never connects or closes it. */
export type RedisClient = IoRedisClient | NodeRedisClient;
