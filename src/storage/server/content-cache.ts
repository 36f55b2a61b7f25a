import { Generations } from '../../lib/generations.js';
import type { SessionRecord } from '../../ports/store.js';

/** Characters of a body that count as one entry. */
const UNIT = 512;
/** How many bodies of up to 512 characters are kept; longer ones count as several. */
const SIZE = 5_000;

type Source = Pick<SessionRecord, 'id' | 'uid' | 'body'>;

/**
 * What the bodies of the records in use hold, so that a body that has not changed is neither parsed nor validated again.
 *
 * An entry counts only for an identical body of the same user. So nothing has to be removed, whoever changes or ends the session.
 */
export class ContentCache<Content> {
  readonly #entries = new Generations<string, Entry<Content>>(SIZE);

  get({ id, uid, body }: Source): Content | undefined {
    const young = this.#entries.getYoung(id);
    const entry = young ?? this.#entries.getOld(id);
    if (entry === undefined || entry.body !== body || entry.uid !== uid) return undefined;
    if (young === undefined) this.#entries.set(id, entry);
    return entry.content;
  }

  /** Returns the content. */
  keep({ id, uid, body }: Source, content: Content): Content {
    this.#entries.set(id, { uid, body, content, weight: Math.max(1, body.length / UNIT) });
    return content;
  }
}

interface Entry<Content> {
  readonly uid: string | null;
  readonly body: string;
  readonly content: Content;
  /** How many entries it counts as. */
  readonly weight: number;
}
