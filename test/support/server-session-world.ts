import { expect } from 'chai';
import { ServerSessionStorage } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { ABSOLUTE, expiryOf, GRACE, IDLE, RESOLUTION, REUSE } from './server-session-facts.js';
import { type Request, ServerSessionModel } from './server-session-model.js';
import {
  byId,
  comparable,
  differencesOf,
  isAlike,
  reasonWithGrace,
  type Seen,
  type Session,
  type Storage,
  seenIn,
  seenOf,
  type View,
} from './server-session-view.js';
import type { StoreKind, StorePair } from './stores.js';
import { Turnstile } from './turnstile.js';

/** A request, and its session as the storage has it. */
export interface Visit {
  readonly name: string;
  readonly storage: Storage;
  readonly session: Session;
  /** Whether the application has looked at its data, of which the storage makes a copy then. */
  isRead: boolean;
}

/** A credential that some client was given, and the model's name of it. */
export interface Credential {
  readonly sid: string;
  readonly id: string;
}

/** Which of several: the `at`-th of those that live, the newest first; or of all. */
export interface Choice {
  readonly at: number;
  readonly isAny: boolean;
}

/** What an application does to the session of its request, and the same in the model. Nothing of that takes time. */
export interface Local {
  readonly name: string;
  readonly isReading?: boolean;
  real(session: Session): void;
  modelled(model: ServerSessionModel, request: Request): void;
}

/** What is asked of a storage, and the same of the model; both say what it came to. */
export interface Act {
  readonly name: string;
  /** The request whose session it concerns. */
  readonly visit?: Visit;
  /** Whose sessions it ends, all of them; 'everyone' for all there are. */
  readonly ends?: string | undefined;
  /** Whose session it concerns, in more than one step. */
  readonly concerns?: string | undefined;
  real(): Promise<unknown>;
  modelled(model: ServerSessionModel): unknown;
  /** Where all sessions of whom it concerns end between its steps. */
  overtaken?(model: ServerSessionModel): unknown;
}

export const UIDS: readonly [string, string] = ['u1', 'u2'];

/** Two storages on one store, whatever clients and requests came to have of them, and what a plain model makes of it all. */
export class World {
  readonly kind: StoreKind;
  readonly storages: readonly [Storage, Storage];
  readonly visits: Visit[] = [];
  readonly credentials: Credential[] = [];
  /** Redis goes by a clock of its own too. */
  readonly #clock = new FakeClock(Date.now());
  readonly #turnstile = new Turnstile((args) => this.#note(args));
  readonly #names = new Map<string, string>();
  readonly #owners = new Map<string, unknown>();
  readonly #given: string[] = [];
  readonly #told: string[] = [];
  /** Of things that were done at the same time nobody knows the order: each of these may be what has happened. */
  #models: readonly ServerSessionModel[];
  #begun = 0;

  constructor([one, other]: StorePair, kind: StoreKind, most?: number) {
    this.kind = kind;
    this.#models = [new ServerSessionModel(this.#clock.now(), most)];
    this.storages = [this.#open(one, most), this.#open(other, most)];
  }

  /** One of the models, to choose by. */
  get model(): ServerSessionModel {
    const [model] = this.#models;
    if (model === undefined) throw new Error('no model');
    return model;
  }

  visitAt(choice: Choice): Visit | undefined {
    return chosen(this.visits, choice, ({ name }) => this.model.isGoing(name));
  }

  credentialAt(choice: Choice): Credential | undefined {
    return chosen(this.credentials, choice, ({ id }) => this.model.find(id) !== undefined);
  }

  pass(ms: number): void {
    this.#clock.advance(ms);
    for (const model of this.#models) model.now += ms;
  }

  newRequest(): string {
    this.#begun += 1;
    return `request${this.#begun}`;
  }

  begin(name: string, storage: Storage, session: Session): Visit {
    const visit = { name, storage, session, isRead: false };
    this.visits.push(visit);
    if (session.isNew) this.#names.set(session.id, `${name}.0`);
    return visit;
  }

  /** Changes the session of a request, and compares. */
  change(visit: Visit, { isReading = false, real, modelled }: Local): void {
    const { name, session } = visit;
    visit.isRead ||= isReading;
    real(session);
    for (const model of this.#models) modelled(model, model.request(name));
    this.#names.set(session.id, this.model.request(name).mine.id);
    const seen = seenOf(session, visit.isRead, this.nameOf);
    const matching = this.#models.filter((one) => !one.isGoing(name) || isAlike(seen, seenByModel(one, visit)));
    if (matching.length === 0) expect(seen).to.deep.equal(seenByModel(this.model, visit));
    this.#models = matching;
  }

  /** Asks all of this at the same time, and compares everything; `picks` says in which order the store is asked, if that is not left to chance. */
  async ask(acts: readonly Act[], picks?: readonly number[]): Promise<void> {
    const works = acts.map((act) => () => act.real());
    const results = await (picks === undefined
      ? Promise.all(works.map((work) => work()))
      : this.#turnstile.run(works, picks));
    const seen = await this.#look();
    const isAlone = acts.length < 2;
    const possible = this.#models.flatMap((model) => endsOf(model, acts, results));
    const matching = possible.filter((model) => isAlike(this.#view(model, isAlone), comparable(seen, model, isAlone)));
    if (matching.length === 0) this.#complain(acts, results, seen, isAlone);
    for (const model of matching) model.told.length = 0;
    this.#told.length = 0;
    // Comparing them takes long, and mostly there is only one.
    this.#models = matching.length === 1 ? matching : [...new Map(matching.map((one) => [one.text, one])).values()];
  }

  async commit({ name, storage, session }: Visit): Promise<unknown> {
    const { ids } = this.model.request(name);
    const result = await storage.commit(session);
    if (result.outcome !== 'issued') return result.outcome;
    const { sid, expires } = result;
    // `forceInvalidate` gave it a new id on the way.
    const id = this.#names.get(session.id) ?? `${name}.${ids + 1}`;
    this.#names.set(session.id, id);
    this.credentials.push({ sid, id });
    return `issued until ${expires}`;
  }

  /** The model's name of an id. */
  readonly nameOf = (id: string): string => this.#names.get(id) ?? `unknown id ${id}`;

  /** Nothing that a store was ever given opens a session, nor does any sid stand in it. */
  async expectUselessDump(): Promise<void> {
    const dump = this.#given.join('\n');
    for (const { sid } of this.credentials) expect(dump).not.to.contain(sid);
    const [storage] = this.storages;
    for (const text of new Set(dump.match(/[\w-]{20,}/g))) {
      expect(await this.#opened(storage, text)).to.be.oneOf(['malformed', 'unknown']);
    }
  }

  #open(store: StorePair[0], most: number | undefined): Storage {
    const storage: Storage = new ServerSessionStorage({
      store: this.#turnstile.before(store),
      idleTimeout: IDLE,
      absoluteTimeout: ABSOLUTE,
      timeoutResolution: RESOLUTION,
      rotationGrace: GRACE,
      reuseWindow: REUSE,
      maxSessionsPerUser: most ?? null,
      sweepInterval: null,
      deadline: 60_000,
      clock: this.#clock,
    });
    storage.events.on('conflict', ({ keys }) => this.#told.push(`conflict ${[...keys].sort()}`));
    storage.events.on('refused-late-save', () => this.#told.push('refused-late-save'));
    return storage;
  }

  /** An id never has two users. */
  #note(args: readonly unknown[]): void {
    this.#given.push(JSON.stringify(args));
    const [record] = args;
    if (typeof record !== 'object' || record === null) return;
    const { id, uid } = { id: '', uid: undefined, ...record };
    if (this.#owners.has(id)) expect(this.#owners.get(id)).to.equal(uid);
    this.#owners.set(id, uid);
  }

  async #look(): Promise<View> {
    const [one, other] = this.storages;
    const requests = this.visits.map(
      (visit) => [visit.name, seenOf(visit.session, visit.isRead, this.nameOf)] as const,
    );
    const [credentials, lists] = await Promise.all([
      Promise.all(this.credentials.map(({ sid }, at) => this.#opened(at % 2 === 0 ? one : other, sid))),
      Promise.all(UIDS.map((uid, at) => this.#listed(at % 2 === 0 ? other : one, uid))),
    ]);
    return { credentials, lists, requests: Object.fromEntries(requests), told: [...this.#told] };
  }

  async #opened(storage: Storage, sid: string): Promise<unknown> {
    try {
      return seenOf(await storage.get(sid, { touch: false }), true, this.nameOf);
    } catch (error) {
      return reasonWithGrace(error);
    }
  }

  async #listed(storage: Storage, uid: string): Promise<unknown> {
    const found = await storage.listOfUser(uid);
    return byId(
      found.map(({ id, lineage, ...rest }) => ({ id: this.nameOf(id), lineage: this.nameOf(lineage), ...rest })),
    );
  }

  /** What there is to be seen if a model is right. */
  #view(model: ServerSessionModel, isAlone: boolean): View {
    const going = this.visits.filter(({ name }) => model.isGoing(name));
    return {
      credentials: this.credentials.map(({ id }) => {
        const found = model.find(id);
        return found === undefined ? model.openingOf(id) : seenIn(found, true, !model.isAlias(id));
      }),
      lists: UIDS.map((uid) => {
        return byId(
          model.listOfUser(uid).map((found) => {
            const { id, lineage, created, lastAccess, lastUpdate, device } = found;
            const info = device === undefined ? {} : { device };
            const expires = expiryOf(found);
            return { id, lineage, uid, created, lastAccess, lastUpdate, expires, info, isCurrent: false };
          }),
        );
      }),
      requests: Object.fromEntries(going.map((visit) => [visit.name, seenByModel(model, visit)])),
      told: isAlone ? model.told : [],
    };
  }

  #complain(acts: readonly Act[], results: readonly unknown[], seen: View, isAlone: boolean): never {
    const model = this.model.copy();
    const expected = acts.map((act) => {
      const result = act.modelled(model);
      for (const step of model.later.splice(0)) step(model);
      return result;
    });
    const differences = differencesOf(
      { results, seen: comparable(seen, model, isAlone) },
      { results: expected, seen: this.#view(model, isAlone) },
    );
    const names = acts.map(({ name }) => name).join(', ');
    throw new Error(`${names}: ${isAlone ? 'not' : 'in no order'} as the model has it${differences.join('')}`);
  }
}

/** What there is to be seen of the session of a request if a model is right. */
function seenByModel(model: ServerSessionModel, { name, isRead }: Visit): Seen {
  const { mine, isAlias } = model.request(name);
  return seenIn(mine, isRead, !isAlias);
}

function chosen<One>(all: readonly One[], { at, isAny }: Choice, isLive: (one: One) => boolean): One | undefined {
  const list = isAny ? all : all.filter(isLive);
  return list.at(-1 - (at % Math.max(1, list.length)));
}

/** The models after `acts` in every order in which they come to `results`. */
function endsOf(
  model: ServerSessionModel,
  acts: readonly Act[],
  results: readonly unknown[],
  all = acts,
): ServerSessionModel[] {
  if (acts.length === 0) return [model];
  return acts.flatMap((act, at) => {
    return waysOf(act, all).flatMap((way) => {
      const after = model.copy();
      if (!isAlike(way(after), results[at])) return [];
      const steps = after.later.splice(0).map((step): Act => ({ name: act.name, real: act.real, modelled: step }));
      const left = [...acts.toSpliced(at, 1), ...steps];
      return endsOf(after, left, [...results.toSpliced(at, 1), ...steps.map(() => undefined)], all);
    });
  });
}

/** Where all of a user's sessions end, one that is to become theirs at the same time may be refused instead of being ended after all. */
function waysOf(act: Act, all: readonly Act[]): ((model: ServerSessionModel) => unknown)[] {
  const { concerns } = act;
  const isEnded = all.some(({ ends }) => ends === 'everyone' || (ends !== undefined && ends === concerns));
  const ways = [(model: ServerSessionModel) => act.modelled(model)];
  if (isEnded && concerns !== undefined) ways.push((model) => act.overtaken?.(model));
  return ways;
}
