/** How many groups are written at the same time, and the maximum number of items in a group. */
export interface GroupLimits {
  readonly atOnce: number;
  readonly most: number;
}

interface Waiting<Item> {
  readonly item: Item;
  /** How many groups were begun when it came. */
  readonly came: number;
  resolve(position: string): void;
  reject(error: unknown): void;
}

/**
 * Writes what has an order, and so is written one after the other. Items that wait at the same time form a group, which waits for the disk once. The
 * others do not occupy connections while they wait.
 */
export class WriteGroups<Item> {
  readonly #limits: GroupLimits;
  readonly #write: (items: readonly Item[]) => Promise<readonly string[]>;
  #waiting: Waiting<Item>[] = [];
  #begun = 0;
  #underWay = 0;

  /** `write`: writes all items of a group or none, and returns their positions. */
  constructor(limits: GroupLimits, write: (items: readonly Item[]) => Promise<readonly string[]>) {
    this.#limits = limits;
    this.#write = write;
  }

  /** Returns the position of the item. Rejects as the writing of its group does. */
  add(item: Item): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, came: this.#begun, resolve, reject });
      if (this.#underWay < this.#limits.atOnce) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#underWay += 1;
    // What is added in the same turn joins.
    await undefined;
    while (this.#waiting.length > 0) await this.#writeGroup(this.#waiting.splice(0, this.#limits.most));
    this.#underWay -= 1;
  }

  async #writeGroup(group: readonly Waiting<Item>[]): Promise<void> {
    this.#begun += 1;
    const begun = this.#begun;
    try {
      const positions = await this.#write(group.map(({ item }) => item));
      for (const [at, { resolve }] of group.entries()) resolve(positions[at] ?? '');
    } catch (error) {
      // Those that came before this group began have waited as long as it has.
      const failed = this.#waiting.filter(({ came }) => came < begun);
      this.#waiting = this.#waiting.filter(({ came }) => came >= begun);
      for (const { reject } of [...group, ...failed]) reject(error);
    }
  }
}
