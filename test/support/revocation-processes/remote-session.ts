import type { Committed, SessionCommand } from './sessions-under-way.js';

/** A session that a request in another process has open. */
export class RemoteSession {
  readonly #name: string;
  readonly #send: (command: SessionCommand) => Promise<unknown>;

  constructor(name: string, send: (command: SessionCommand) => Promise<unknown>) {
    this.#name = name;
    this.#send = send;
  }

  /** Completes the request. Rejects with the code of the error that `commit` threw. */
  async commit(): Promise<Committed> {
    const { result, isRefused } = Object(await this.#send({ kind: 'commit', name: this.#name }));
    return { result, isRefused };
  }
}
