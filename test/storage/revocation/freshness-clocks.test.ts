import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import sinon from 'sinon';
import {
  type Revocation,
  RevocationList,
  type RevocationLog,
  RevocationsStale,
  SessionStorage,
} from '../../../src/index.js';
import { openingOf } from '../../support/outcomes.js';
import { SECRET } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

const OPEN = fileURLToPath(new URL('../../support/leaves-list-open.ts', import.meta.url));
const BOUND = 30_000;
const HOUR = 3_600_000;

/** A log that answers when the test has it answer. */
class AnsweringLog implements RevocationLog {
  readonly guarantee = 'log';
  #answer: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #isDone = false;

  append(): Promise<string> {
    return Promise.resolve('0');
  }

  async *read(_after: string | null, signal: AbortSignal): AsyncGenerator<readonly Revocation[]> {
    signal.addEventListener('abort', () => {
      this.#isDone = true;
      this.#answer();
    });
    while (!this.#isDone) {
      await new Promise<void>((resolve, reject) => {
        this.#answer = resolve;
        this.#fail = reject;
      });
      yield [];
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  answer(): void {
    this.#answer();
  }

  fail(error: Error): void {
    this.#fail(error);
  }
}

describe('RevocationList, fresh by two clocks', () => {
  let time: sinon.SinonFakeTimers;
  let log: AnsweringLog;
  let list: RevocationList;
  let storage: SessionStorage;
  const emitted: [string, unknown][] = [];

  beforeEach(async () => {
    time = sinon.useFakeTimers({
      now: NOW,
      toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    });
    log = new AnsweringLog();
    list = new RevocationList({ log });
    storage = new SessionStorage({ jwtSecret: SECRET, revocations: list });
    emitted.length = 0;
    for (const name of ['stale', 'recovered'] as const) list.events.on(name, (event) => emitted.push([name, event]));
    await time.tickAsync(0);
  });

  afterEach(async () => {
    await list.close();
    const left = time.countTimers();
    time.restore();
    expect(left).to.equal(0);
  });

  async function answered(): Promise<void> {
    log.answer();
    await time.tickAsync(0);
  }

  it('is stale at the bound although the clock was set back', async () => {
    await answered();
    const sid = storage.create().forClient();
    await time.tickAsync(10_000);
    time.setSystemTime(NOW - HOUR);
    await time.tickAsync(BOUND - 10_000);
    expect(list.health().isFresh).to.equal(true);
    await time.tickAsync(1);
    expect(list.health()).to.include({ isFresh: false, age: BOUND + 1 });
    expect(() => storage.check({ id: 'i', lineage: 'l' })).to.throw(RevocationsStale);
    expect(() => storage.get(sid)).to.throw();
  });

  it('is fresh with the next answer after the clock was set back, and for as long as ever', async () => {
    await answered();
    time.setSystemTime(NOW - HOUR);
    await time.tickAsync(1000);
    await answered();
    expect(list.health()).to.include({ isFresh: true, age: 0 });
    await time.tickAsync(BOUND + 1);
    expect(list.health().isFresh).to.equal(false);
  });

  it('is stale when the clock is set forward, until the log has answered again', async () => {
    await answered();
    time.setSystemTime(NOW + HOUR);
    expect(list.health().isFresh).to.equal(false);
    await time.tickAsync(2000);
    await answered();
    expect(list.health()).to.include({ isFresh: true, age: 0 });
  });

  for (const [what, stop] of [
    ['sleeps with the machine', () => time.setSystemTime(Date.now() + BOUND + 1)],
    ['is stopped', () => time.jump(BOUND + 1)],
  ] as const) {
    it(`is stale when the process ${what} for longer than the bound, at the first request after it`, async () => {
      await answered();
      const sid = storage.create().forClient();
      stop();
      expect(() => storage.get(sid)).to.throw(RevocationsStale);
    });

    it(`does not take an answer for new that came while the process ${what}`, async () => {
      await answered();
      const sid = storage.create().forClient();
      stop();
      // It lay in the socket, and is read before or after the timers.
      await answered();
      expect(() => storage.get(sid)).to.throw(RevocationsStale);
      await time.tickAsync(500);
      await answered();
      expect(() => storage.get(sid)).to.throw(RevocationsStale);
      await time.tickAsync(2000);
      await answered();
      expect(openingOf(storage, sid)).to.equal('opened');
    });
  }

  it('emits stale and recovered once per change', async () => {
    await answered();
    await time.tickAsync(BOUND);
    expect(emitted).to.deep.equal([]);
    await time.tickAsync(1000);
    expect(emitted).to.deep.equal([['stale', { age: BOUND + 1000, code: undefined }]]);
    await time.tickAsync(HOUR);
    expect(emitted.length).to.equal(1);
    await answered();
    expect(emitted.slice(1)).to.deep.equal([['recovered', { age: BOUND + 1000 + HOUR }]]);
    await answered();
    await time.tickAsync(BOUND);
    expect(emitted.length).to.equal(2);
  });

  it('emits stale, with the code of what the log failed with, if it was not read within the bound after the start', async () => {
    log.fail(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    await time.tickAsync(BOUND - 1000);
    expect(emitted).to.deep.equal([]);
    await time.tickAsync(2000);
    expect(emitted).to.deep.equal([['stale', { age: Number.POSITIVE_INFINITY, code: 'ECONNREFUSED' }]]);
  });

  it('emits nothing after close', async () => {
    await answered();
    await list.close();
    await time.tickAsync(HOUR);
    expect(emitted).to.deep.equal([]);
  });

  it('goes on when a listener throws', async () => {
    list.events.on('stale', () => {
      throw new Error('a listener');
    });
    await answered();
    await time.tickAsync(HOUR);
    await answered();
    expect(emitted.map(([name]) => name)).to.deep.equal(['stale', 'recovered']);
  });

  it('keeps no process alive', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx/esm', OPEN], { timeout: 15_000 });
    expect(stdout).to.equal('false');
  });
});
