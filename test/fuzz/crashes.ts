/** What nobody caught in this process, since `watch`. */
export class Crashes {
  readonly #seen: unknown[] = [];
  readonly #note = (error: unknown): void => void this.#seen.push(error);

  watch(): void {
    process.on('uncaughtException', this.#note).on('unhandledRejection', this.#note);
  }

  stop(): void {
    process.off('uncaughtException', this.#note).off('unhandledRejection', this.#note);
  }

  /** The errors since the last call. */
  take(): readonly unknown[] {
    return this.#seen.splice(0);
  }
}
