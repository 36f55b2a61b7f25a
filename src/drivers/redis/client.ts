/** The keys and arguments of a script, as `redis` takes them. */
export interface RedisScriptOptions {
  keys: string[];
  arguments: string[];
}

/** The part of an `ioredis` client that the store uses: of a `Redis` or a `Cluster`, version 5 or newer. */
export interface IoRedisClient {
  call(command: string, args: string[]): Promise<unknown>;
  /** Only of a cluster: the clients of its nodes. */
  nodes?(role: 'master'): readonly IoRedisClient[];
  readonly options?: { readonly keyPrefix?: string | undefined };
}

/** The part of a `redis` client that removes what `deleteAll` left behind. */
export interface NodeRedisScanner {
  scan?(cursor: string, options: { MATCH: string; COUNT: number }): Promise<unknown>;
}

/**
 * The part of a `redis` client that the store uses, version 5 or newer: of `createClient`, `createClientPool`, `createCluster` or
 * `createSentinel`.
 */
export interface NodeRedisClient extends NodeRedisScanner {
  get(key: string): Promise<unknown>;
  eval(script: string, options: RedisScriptOptions): Promise<unknown>;
  evalSha(sha1: string, options: RedisScriptOptions): Promise<unknown>;
  unlink?(key: string): Promise<unknown>;
  /** Only of a cluster: its primaries, and the client of each. */
  readonly masters?: readonly unknown[];
  nodeClient?(node: unknown): NodeRedisScanner | Promise<NodeRedisScanner>;
}

/** A client that the application connects and closes. */
export type RedisClient = IoRedisClient | NodeRedisClient;
