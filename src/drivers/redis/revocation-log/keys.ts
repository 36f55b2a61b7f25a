/**
 * The keys of a revocation log. All of them are in one slot of a cluster, because of the part in braces, so that one script can use several of
 * them.
 */
export class RevocationKeys {
  /** The name of the log, its last entry, and where removing continues: a hash. */
  readonly state: string;
  /** The entries: a sorted set. */
  readonly entries: string;
  /** Gets an entry with every append, so that readers can wait for it: a stream of one entry. */
  readonly bell: string;
  /** What each process has read: a hash. */
  readonly seen: string;
  /** When each process is forgotten: a sorted set. */
  readonly readers: string;

  constructor(prefix: string) {
    const start = `${prefix}{revocations}:`;
    this.state = `${start}state`;
    this.entries = `${start}entries`;
    this.bell = `${start}bell`;
    this.seen = `${start}seen`;
    this.readers = `${start}readers`;
  }
}
