import type { Commands } from './commands.js';
import type { Keys } from './keys.js';
import type { Script } from './script.js';
import { coverage, SessionIndex } from './session-index.js';

/** What one operation does with the keys of one epoch. */
export class Keyspace {
  readonly #commands: Commands;
  readonly #keys: Keys;

  constructor(commands: Commands, keys: Keys) {
    this.#commands = commands;
    this.#keys = keys;
  }

  /** What is stored for an id; null for nothing. */
  get(id: string): Promise<string | null> {
    return this.#commands.get(this.#keys.session(id));
  }

  /** The fields that a script on the entry of an id returns. */
  async run(script: Script, id: string, args: string[]): Promise<readonly string[]> {
    return (await this.#commands.run(script, this.#keys.session(id), args)).split('|');
  }

  /** `uid`: as `uidText` gives it. */
  ofUser(uid: string): SessionIndex {
    return new SessionIndex(this.#commands, this.#keys.user(uid));
  }

  ofLineage(lineage: string): SessionIndex {
    return new SessionIndex(this.#commands, this.#keys.lineage(lineage));
  }

  /** Enters a session in all indexes that have to know it. */
  async enter(id: string, uid: string, lineage: string, until: string, lastAccess: number): Promise<void> {
    await Promise.all(this.#indexesOf(id, uid, lineage).map((index) => index.enter(id, until, lastAccess)));
  }

  /** Removes a session from them. When that fails, its entries end by their time. */
  async leave(id: string, uid: string, lineage: string): Promise<void> {
    await Promise.all(this.#indexesOf(id, uid, lineage).map((index) => index.remove([id]).catch(() => {})));
  }

  /**
   * The outcome of a script that writes a session, once the indexes know it for long enough. Mostly they do when the script
   * runs first; else it returns whose they are and until when the session lives, and runs again afterwards.
   */
  async write(
    script: Script,
    id: string,
    lastAccess: number,
    argsOf: (uid: string, lineage: string, until: string) => string[],
  ): Promise<string> {
    let [outcome = '', uid = '', lineage = '', expiry = ''] = await this.run(script, id, argsOf('', '', '?'));
    while (outcome === 'index') {
      const until = coverage(lastAccess, expiry === '' ? null : Number(expiry));
      await this.enter(id, uid, lineage, until, lastAccess);
      [outcome = '', uid = '', lineage = '', expiry = ''] = await this.run(script, id, argsOf(uid, lineage, until));
    }
    return outcome;
  }

  /** None for nobody's session. An id that is its own lineage is found without an index. */
  #indexesOf(id: string, uid: string, lineage: string): readonly SessionIndex[] {
    if (uid === '') return [];
    return id === lineage ? [this.ofUser(uid)] : [this.ofUser(uid), this.ofLineage(lineage)];
  }
}
