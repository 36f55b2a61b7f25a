import type { CommitResult, Lifetime, Session, SessionStorage } from '../../../src/index.js';

/** What a request does to its session. */
export type Act = 'save' | 'rotate' | 'CurrentSessionId' | 'AllSessionIdsOfLoggedUser';

/** Commands about sessions that requests have open, by names that the test gives them. */
export type SessionCommand =
  /** Begins a sign-in. */
  | { readonly kind: 'begin'; readonly name: string; readonly uid: string; readonly life?: Lifetime | undefined }
  | { readonly kind: 'open'; readonly name: string; readonly sid: string; readonly act?: Act | undefined }
  /** Answered with a `Committed`. */
  | { readonly kind: 'commit'; readonly name: string };

/** What became of a commit. */
export interface Committed {
  readonly result: CommitResult;
  /** Whether `refused-late-save` was emitted for the session. */
  readonly isRefused: boolean;
}

type AnySession = Session<Record<string, unknown>, Record<string, unknown>>;

/** The sessions that the requests of a process have open. */
export class SessionsUnderWay {
  readonly #storage: SessionStorage<Record<string, unknown>, Record<string, unknown>>;
  readonly #sessions = new Map<string, AnySession>();
  readonly #refused = new Set<string>();

  constructor(storage: SessionStorage<Record<string, unknown>, Record<string, unknown>>) {
    this.#storage = storage;
    storage.events.on('refused-late-save', ({ lineage }) => this.#refused.add(lineage));
  }

  async obey(command: SessionCommand): Promise<Committed | undefined> {
    const { name } = command;
    switch (command.kind) {
      case 'begin': {
        const session = this.#storage.create().setUser(command.uid);
        this.#sessions.set(name, command.life === undefined ? session : session.setLifetime(command.life));
        return undefined;
      }
      case 'open':
        this.#sessions.set(name, afterAct(this.#storage.get(command.sid), command.act));
        return undefined;
      case 'commit':
        return await this.#commit(name);
    }
  }

  async #commit(name: string): Promise<Committed> {
    const session = this.#sessions.get(name);
    if (session === undefined) throw new Error(`no session ${name}`);
    // A forced renewal changes it.
    const { lineage } = session;
    const result = await this.#storage.commit(session);
    return { result, isRefused: this.#refused.has(lineage) };
  }
}

function afterAct(session: AnySession, act: Act | undefined): AnySession {
  switch (act) {
    case undefined:
      return session;
    case 'save':
      return session.save();
    case 'rotate':
      return session.rotate();
    default:
      return session.forceInvalidate(act);
  }
}
