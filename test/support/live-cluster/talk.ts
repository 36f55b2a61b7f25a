import { expect } from 'chai';
import type { ClusterProcess } from './process.js';
import { Tab } from './tab.js';

/** How many messages a tab gets before something breaks, and after it. */
const SOME = 20;

/** Messages that two processes send to one user all the time, and the tabs of that user, one in each process. */
export class Talk {
  readonly #processes: readonly ClusterProcess[];
  readonly #site: string;
  readonly #tabs: readonly Tab[];

  private constructor(processes: readonly ClusterProcess[], site: string, tabs: readonly Tab[]) {
    this.#processes = processes;
    this.#site = site;
    this.#tabs = tabs;
  }

  static async begin(processes: readonly ClusterProcess[], site: string, uid: string): Promise<Talk> {
    const tabs: Tab[] = [];
    for (const process of processes) tabs.push(await Tab.open(process, site, await process.signIn(site, uid)));
    for (const [at, process] of processes.entries()) await process.do(site, { kind: 'speak', uid, as: String(at) });
    const talk = new Talk(processes, site, tabs);
    await talk.#more();
    return talk;
  }

  /** Whether a stream was told that it may have missed something. */
  get hasMissed(): boolean {
    return this.#tabs.some(({ events }) => events.some(({ type }) => type === 'missed'));
  }

  /** What broke works again: no stream ended, and each tab gets all that is acknowledged from now on, in its order. */
  async expectWhole(): Promise<void> {
    const next = await this.#ask('next');
    await this.#more();
    const acknowledged = await this.#ask('hush');
    for (const tab of this.#tabs) {
      await tab.until(({ said }) => said.filter(({ number }) => number === null).length === this.#processes.length);
      expect(tab.isOver).to.equal(false);
      for (const at of this.#processes.keys()) {
        const list: readonly number[] = Object(acknowledged[at]);
        // One that was given up may still arrive, at any time.
        const heard = tab.said.filter(({ as }) => as === String(at)).map(numberOf);
        const sure = heard.filter((number) => list.includes(number));
        expect(sure).to.deep.equal([...sure].sort((one, other) => one - other));
        expect(sure).to.include.members(list.filter((number) => number >= Number(next[at])));
      }
    }
    for (const tab of this.#tabs) tab.leave();
  }

  async #more(): Promise<void> {
    for (const tab of this.#tabs) {
      const { length } = tab.said;
      await tab.until(({ said }) => said.length > length + SOME);
    }
  }

  #ask(kind: 'next' | 'hush'): Promise<unknown[]> {
    return Promise.all(this.#processes.map((process) => process.do(this.#site, { kind })));
  }
}

function numberOf({ number }: { readonly number: unknown }): number {
  return number === null ? Number.NaN : Number(number);
}
