/**
 * Tokens as a server gets them: each time a new string decoded from bytes. A string object that is used again remembers its
 * hash and its interning, which hides about 600 ns of what a Map or a cache keyed by it costs.
 */
export class TokenBytes {
  readonly #tokens: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens.map((token) => Buffer.from(token, 'latin1'));
  }

  /** Each of them as a new string, made when it is asked for. */
  *each(): Generator<string> {
    for (const token of this.#tokens) yield token.toString('latin1');
  }

  /** All of them as new strings, `passes` times over. */
  fresh(passes = 1): string[] {
    return Array.from({ length: passes }, () => this.#tokens.map((token) => token.toString('latin1'))).flat();
  }
}
