import { StoreUnavailable } from '../errors.js';
import type { Identity } from './claims.js';
import type { IdentityReason } from './errors.js';
import { fetchKeySet } from './fetch-key-set.js';
import { IdentityReader } from './reader.js';
import type { VerifierSettings } from './verifier-options.js';

/** The least time between two fetches after a failure, or for keys that are unknown: ms. */
const PAUSE = 30_000;

/** A set of keys that was received. */
interface Received {
  readonly reader: IdentityReader;
  /** Until when it is used without asking again: ms timestamp. */
  readonly freshUntil: number;
}

/** Verifies identity tokens with keys that another machine publishes. Never uses a key, or an address, that a token names. */
export class RemoteKeys {
  readonly #url: URL;
  readonly #settings: VerifierSettings;
  #received: Received | undefined;
  #failure: StoreUnavailable | undefined;
  #lastFetch = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(url: URL, settings: VerifierSettings) {
    this.#url = url;
    this.#settings = settings;
  }

  /** The identity of a token, or why it is refused. @throws StoreUnavailable if no keys were ever received */
  async read(token: unknown, now: number): Promise<Identity | IdentityReason> {
    if (this.#received === undefined || this.#received.freshUntil <= now) await this.#fetch(now);
    const before = this.#reader();
    const result = before.read(token, now);
    if (result !== 'unknown_key') return result;
    await this.#fetch(now);
    const after = this.#reader();
    return after === before ? result : after.read(token, now);
  }

  #reader(): IdentityReader {
    if (this.#received !== undefined) return this.#received.reader;
    throw this.#failure ?? new StoreUnavailable(`the keys of ${this.#url.host} were not received`);
  }

  /** One fetch at a time, which all wait for. */
  async #fetch(now: number): Promise<void> {
    if (this.#running === undefined && now - this.#lastFetch < PAUSE) return;
    this.#running ??= this.#receive(now).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** After a failure, the keys from before stay in use. */
  async #receive(now: number): Promise<void> {
    this.#lastFetch = now;
    try {
      const { keyring, maxAge } = await fetchKeySet(this.#url, this.#settings);
      this.#received = { reader: new IdentityReader(keyring, this.#settings), freshUntil: now + maxAge };
    } catch (cause) {
      this.#failure = new StoreUnavailable(`the keys of ${this.#url.host} were not received`, cause);
    }
  }
}
