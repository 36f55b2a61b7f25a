import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import { MemoryStore } from '../../src/index.js';
import { message } from '../../src/live/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type LiveProcess, processOf, STORAGES, settled, sharedBus, stillTime } from '../support/live-streams.js';
import { issuedBy } from '../support/sessions.js';

const NOW = 1_800_000_000_000;

/** Two processes with one store and one bus; or one process, which is both. */
const PLACES = ['one process', 'two processes'] as const;

for (const [kind, storageOf] of STORAGES) {
  for (const where of PLACES) {
    describe(`The place of a tab, ${where}, sessions in ${kind}`, () => {
      let time: SinonFakeTimers;
      let here: LiveProcess;
      let there: LiveProcess;

      beforeEach(() => {
        time = stillTime(NOW);
        const [bus, store] = [sharedBus(new MemoryBus()), new MemoryStore()];
        here = processOf(storageOf({}, store), { bus });
        there = where === 'one process' ? here : processOf(storageOf({}, store), { bus });
      });

      afterEach(async () => {
        await Promise.all([here.live.close(), there.live.close()]);
        time.restore();
      });

      /** Lets the processes tell one another what has happened. */
      const told = async (): Promise<void> => {
        await time.tickAsync(1);
        await settled();
      };

      /** The ids of the tabs that are open. */
      const openTabs = async (sid: string): Promise<string[]> => {
        const tabs = await there.live.tabs(await there.storage.get(sid));
        return tabs.filter(({ isOpen }) => isOpen).map(({ instance }) => instance);
      };

      it('goes to the page that follows in the tab, although the stream of the last one seems to be open', async () => {
        const sid = await here.signIn();
        const first = await here.ask(sid, { instance: 'tab', page: 'first' });
        await told();
        const next = await there.ask(sid, { instance: 'tab', page: 'next', previous: 'first' });
        await told();
        expect(next.events[0]?.data).to.include({ instance: 'tab', replayed: null });
        expect([first.ended, next.ended]).to.deep.equal(['cut', undefined]);
        expect(await openTabs(sid)).to.deep.equal(['tab']);
        await here.live.send({ uid: 'ann' }, message('hello'));
        expect(next.types).to.deep.equal(['open', 'message']);
      });

      it('goes back to a page of the history', async () => {
        const sid = await here.signIn();
        const first = await here.ask(sid, { instance: 'tab', page: 'first' });
        await told();
        const next = await there.ask(sid, { instance: 'tab', page: 'next', previous: 'first' });
        await told();
        const back = await here.ask(sid, { instance: 'tab', page: 'first', previous: 'next', last: first.lastId });
        await told();
        expect([next.ended, back.ended, back.instance]).to.deep.equal(['cut', undefined, 'tab']);
      });

      it('is that of the page which comes back after an event', async () => {
        const sid = await here.signIn();
        const tab = await here.ask(sid, { instance: 'tab', page: 'page' });
        await told();
        const back = await there.ask(sid, { instance: 'tab', page: 'page', last: tab.lastId });
        await told();
        expect([tab.ended, back.ended, back.instance]).to.deep.equal(['cut', undefined, 'tab']);
      });

      it('is not given to the copy of a tab, which gets an id of its own', async () => {
        const sid = await here.signIn();
        const tab = await here.ask(sid, { instance: 'tab', page: 'page' });
        await told();
        const copy = await there.ask(sid, { instance: 'tab', page: 'copy' });
        await told();
        expect(copy.instance).not.to.equal('tab');
        expect([tab.ended, copy.ended]).to.deep.equal([undefined, undefined]);
        expect(await openTabs(sid)).to.have.members(['tab', copy.instance]);
      });

      it('is kept by one of two copies that both follow the same page, and the other gets another id', async () => {
        const sid = await here.signIn();
        await here.ask(sid, { instance: 'tab', page: 'first' });
        await told();
        const one = await here.ask(sid, { instance: 'tab', page: 'one', previous: 'first' });
        await told();
        const two = await there.ask(sid, { instance: 'tab', page: 'two', previous: 'first' });
        await told();
        if (where === 'one process') {
          expect([one.ended, two.ended]).to.deep.equal([undefined, undefined]);
          expect([one.instance === 'tab', two.instance === 'tab']).to.deep.equal([true, false]);
          return;
        }
        expect([one.ended, two.ended, one.last]).to.deep.equal(['end', undefined, { reason: 'duplicate' }]);
        expect(two.instance).to.equal('tab');
        expect(await openTabs(sid)).to.deep.equal(['tab']);
      });

      it('is not taken by two copies in turn, for ever', async () => {
        const sid = await here.signIn();
        const first = await here.ask(sid, { instance: 'tab', page: 'first' });
        await told();
        let copies = [
          {
            process: here,
            instance: 'tab',
            page: 'one',
            stream: await here.ask(sid, { instance: 'tab', page: 'one', previous: 'first' }),
          },
          {
            process: there,
            instance: 'tab',
            page: 'two',
            stream: await there.ask(sid, { instance: 'tab', page: 'two', previous: 'first' }),
          },
        ];
        await told();
        // What the client does when its stream is over.
        for (let round = 0; round < 3; round += 1) {
          copies = await Promise.all(
            copies.map(async ({ process, instance, page, stream }) => {
              if (stream.ended === undefined) return { process, instance: stream.instance, page, stream };
              const isToldSo = stream.types.includes('reconnect');
              const asking = {
                instance: isToldSo ? `new-${page}` : instance,
                page,
                previous: 'first',
                last: stream.lastId,
              };
              return { process, instance: asking.instance, page, stream: await process.ask(sid, asking) };
            }),
          );
          await told();
        }
        expect(copies.map(({ stream }) => stream.ended)).to.deep.equal([undefined, undefined]);
        expect(new Set(copies.map(({ stream }) => stream.instance)).size).to.equal(2);
        expect(first.ended).to.equal('cut');
      });

      it('is not taken for ever in turn by two copies that name no pages', async () => {
        const sid = await here.signIn();
        const places = [here, there];
        const copies = [await here.ask(sid, { instance: 'tab' }), await there.ask(sid, { instance: 'tab' })];
        await time.tickAsync(60_000);
        copies[1]?.leave();
        let cuts = 0;
        for (let round = 0; round < 8; round += 1) {
          for (const [index, copy] of copies.entries()) {
            if (copy.ended === undefined) continue;
            const place = places[index] ?? expect.fail();
            copies[index] = await place.ask(sid, { instance: 'tab', last: copy.lastId });
            cuts += 1;
          }
          await time.tickAsync(2_000);
          await settled();
        }
        expect(copies.map(({ ended }) => ended)).to.deep.equal([undefined, undefined]);
        // The one that left came back, and then the one that it replaced.
        expect(cuts).to.equal(2);
      });

      it('cannot be taken by one who knows the id only', async () => {
        const sid = await here.signIn();
        const tab = await here.ask(sid, { instance: 'tab', page: 'page' });
        await told();
        if (where === 'one process') {
          const other = await there.ask(sid, { instance: 'tab', last: tab.lastId });
          expect([tab.ended, other.instance === 'tab']).to.deep.equal([undefined, false]);
        }
        const guess = await there.ask(sid, { instance: 'tab', page: 'guess' });
        expect([tab.ended, guess.instance === 'tab']).to.deep.equal([undefined, false]);
      });

      it('cannot be taken by another session, whatever it knows', async () => {
        const [sid, other] = [await here.signIn(), await here.signIn('bob')];
        const tab = await here.ask(sid, { instance: 'tab', page: 'page' });
        await told();
        for (const asking of [{ page: 'page' }, { page: 'next', previous: 'page' }, { last: tab.lastId }]) {
          const stream = await there.ask(other, { instance: 'tab', ...asking });
          await told();
          stream.leave();
        }
        expect(tab.ended).to.equal(undefined);
      });

      it('is refused with 400 if the name of a page is malformed', async () => {
        const sid = await here.signIn();
        for (const names of [{ page: 'a b' }, { page: '' }, { page: 'x'.repeat(65) }, { previous: '%0d' }]) {
          expect((await here.ask(sid, { instance: 'tab', ...names })).status, JSON.stringify(names)).to.equal(400);
        }
      });
    });
  }

  describe(`What the first event calls a session, ${kind}`, () => {
    it('stays the same when the session rotates, and changes with the user', async () => {
      const process = processOf(storageOf());
      const sid = await process.signIn();
      const tab = await process.ask(sid, { instance: 'tab' });
      const session = await process.storage.get(sid);
      const rotated = await issuedBy(process.storage.commit(session.rotate()));
      const same = await process.ask(rotated, { instance: 'tab', last: tab.lastId });
      const changed = await process.storage.get(rotated);
      const signedIn = await issuedBy(process.storage.commit(changed.setUser('bob')));
      const another = await process.ask(signedIn, { instance: 'tab', last: same.lastId });
      expect(same.session).to.equal(tab.session);
      expect(another.session)
        .to.match(/^[\w-]{8}$/)
        .and.not.equal(tab.session);
      await process.live.close();
    });
  });
}
