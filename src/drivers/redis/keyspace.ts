import type { Commands } from './commands.js';
import type { Keys } from './keys.js';
import type { Script } from './script.js';
import { coverage, SessionIndex } from './session-index.js';

/** The keys of one epoch, for the commands of one operation. */
export class Keyspace {
  readonly #commands: Commands;
  readonly #keys: Keys;

  constructor(commands: Commands, keys: Keys) {
    this.#commands = commands;
    this.#keys = keys;
  }

  /** The text that is stored under an id; null when there is none. */
  get(id: string): Promise<string | null> {
    return this.#commands.get(this.#keys.session(id));
  }

  /** Runs a script on the entry of an id, and returns the fields of its reply. */
  async run(script: Script, id: string, args: string[]): Promise<readonly string[]> {
    return (await this.#commands.run(script, this.#keys.session(id), args)).split('|');
  }

  /** `uid`: from `uidText`. */
  ofUser(uid: string): SessionIndex {
    return new SessionIndex(this.#commands, this.#keys.user(uid));
  }

  ofLineage(lineage: string): SessionIndex {
    return new SessionIndex(this.#commands, this.#keys.lineage(lineage));
  }

  /** Adds a session to the indexes that it belongs to. */
  async enter(id: string, uid: string, lineage: string, until: string, lastAccess: number): Promise<void> {
    await Promise.all(this.#indexesOf(id, uid, lineage).map((index) => index.enter(id, until, lastAccess)));
  }

  /** Removes a session from its indexes. When that fails, the entries expire later. */
  async leave(id: string, uid: string, lineage: string): Promise<void> {
    await Promise.all(this.#indexesOf(id, uid, lineage).map((index) => index.remove([id]).catch(() => {})));
  }

  /**
   * Runs a script that writes a session, and returns its outcome. The indexes must contain the session for as long as it lives. When they do
   * not, the script writes nothing and returns their names and the session's expiry; it runs again after the indexes were extended.
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

  /** An anonymous session is in no index. An id that equals its lineage is found without the index of the lineage. */
  #indexesOf(id: string, uid: string, lineage: string): readonly SessionIndex[] {
    if (uid === '') return [];
    return id === lineage ? [this.ofUser(uid)] : [this.ofUser(uid), this.ofLineage(lineage)];
  }
}
