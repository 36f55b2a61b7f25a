import { expect } from 'chai';
import sinon from 'sinon';
import { type BusListener, message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type ClientOfStream, type LiveProcess, processOf, STORAGES } from '../support/live-streams.js';

/** More than one turn writes to, with more topics than one look into the history covers. */
const STREAMS = 450;
/** How many streams may be written to in one turn. */
const MOST_AT_ONCE = 200;

/** A bus that forgets what it keeps, and says so to its only listener. */
class ForgetfulBus extends MemoryBus {
  #listener: BusListener | undefined;

  override async connect(listener: BusListener): ReturnType<MemoryBus['connect']> {
    this.#listener = listener;
    return await super.connect(listener);
  }

  forget(): void {
    const history = sinon.stub(this, 'history').resolves({ messages: [], isComplete: false });
    this.#listener?.missed();
    void nextTurn().then(() => history.restore());
  }
}

for (const [kind, storageOf] of STORAGES) {
  describe(`${STREAMS} streams of a process whose bus has lost messages, over sessions in ${kind}`, () => {
    let bus: ForgetfulBus;
    let process: LiveProcess;
    let tabs: readonly ClientOfStream[];

    beforeEach(async () => {
      bus = new ForgetfulBus();
      process = processOf(storageOf(), { bus });
      const sids = await Promise.all(Array.from({ length: STREAMS }, (_, index) => process.signIn(`user-${index}`)));
      tabs = await Promise.all(sids.map((sid) => process.ask(sid)));
    });

    afterEach(() => process.live.close());

    const told = (): number => tabs.filter(({ types }) => types.includes('missed')).length;

    it('are told so once, over several turns', async () => {
      bus.forget();
      let most = 0;
      while (told() < STREAMS) {
        const before = told();
        await nextTurn();
        most = Math.max(most, told() - before);
      }
      expect(most).to.be.within(1, MOST_AT_ONCE);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      for (const { types } of tabs) expect(types).to.deep.equal(['open', 'missed']);
    });

    it('are told so after what was sent before, and before what is sent later', async () => {
      await process.live.send('everyone', message('before'));
      expect(tabs.at(-1)?.types).to.deep.equal(['open']);
      bus.forget();
      while (told() === 0) await nextTurn();
      expect(told()).to.be.below(STREAMS);
      await process.live.send('everyone', message('after'));
      while (!tabs.every(({ last }) => Reflect.get(Object(last), 'name') === 'after')) await nextTurn();
      for (const { types } of tabs) expect(types).to.deep.equal(['open', 'message', 'missed', 'message']);
    });

    it('are told nothing once their session has ended', async () => {
      bus.forget();
      while (told() === 0) await nextTurn();
      await process.storage.revoke('everyone');
      expect(told()).to.be.below(STREAMS);
      for (const { types } of tabs) expect(types.at(-1)).to.equal('end');
    });
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
