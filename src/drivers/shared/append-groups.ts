import type { NewRevocation } from '../../ports/revocation-log.js';

/** The maximum number of entries in a group. */
const MOST = 100;

interface Waiting {
  readonly entry: NewRevocation;
  /** How many groups were begun when it came. */
  readonly came: number;
  resolve(position: string): void;
  reject(error: unknown): void;
}

/** Appends to a log. Entries that wait at the same time form a group, which is written at once, and so waits for the disk once. */
export class AppendGroups {
  readonly #write: (entries: readonly NewRevocation[]) => Promise<readonly string[]>;
  readonly #atOnce: number;
  #waiting: Waiting[] = [];
  #begun = 0;
  #underWay = 0;

  /**
   * @param atOnce how many groups are written at the same time
   * @param write writes up to 100 entries, all of them or none, and returns their positions
   */
  constructor(atOnce: number, write: (entries: readonly NewRevocation[]) => Promise<readonly string[]>) {
    this.#atOnce = atOnce;
    this.#write = write;
  }

  /** Returns the position of the entry. Rejects as the writing of its group does. */
  append(entry: NewRevocation): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, came: this.#begun, resolve, reject });
      if (this.#underWay < this.#atOnce) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#underWay += 1;
    // What is appended in the same turn joins.
    await undefined;
    while (this.#waiting.length > 0) await this.#writeGroup(this.#waiting.splice(0, MOST));
    this.#underWay -= 1;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    this.#begun += 1;
    const begun = this.#begun;
    try {
      const positions = await this.#write(group.map(({ entry }) => entry));
      for (const [at, { resolve }] of group.entries()) resolve(positions[at] ?? '');
    } catch (error) {
      // Those that came before this group began have waited as long as it has.
      const later = this.#waiting.filter(({ came }) => came >= begun);
      const failed = this.#waiting.filter(({ came }) => came < begun);
      this.#waiting = later;
      for (const { reject } of [...group, ...failed]) reject(error);
    }
  }
}
