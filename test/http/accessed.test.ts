import { expect } from 'chai';
import { sourceModes } from '../support/shop.js';
import { Site } from '../support/visits.js';

function listening(site: Site): unknown[] {
  const events: unknown[] = [];
  site.storage.events.on('accessed', (event) => events.push(event));
  return events;
}

for (const mode of sourceModes) {
  describe(`The event accessed (${mode})`, () => {
    it('is emitted once for a request whose sid opened the session, as it came', async () => {
      const site = new Site({ mode });
      const events = listening(site);
      const opened = await site.open({ cookie: await site.issue({}, 'u1') });
      const { id, lineage } = opened.session;
      opened.session.setUser('u2');
      await opened.commit();
      expect(events).to.deep.equal([{ id, lineage, uid: 'u1', instance: undefined, passive: false }]);
    });

    it('names the instance, if its id is of the right form', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue();
      const events = listening(site);
      for (const id of ['tab-1', 'x'.repeat(64), 'x'.repeat(65), 'a b', '']) {
        await site.open({ cookie, headers: { 'x-session-instance': id } });
      }
      const instances = events.map((event) => Reflect.get(Object(event), 'instance'));
      expect(instances).to.deep.equal(['tab-1', 'x'.repeat(64), undefined, undefined, undefined]);
    });

    it('says whether the request counts as activity (row 51)', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue();
      const events = listening(site);
      await site.open({ cookie });
      await site.open({ cookie, passive: true });
      await site.open({ cookie, headers: { accept: 'text/event-stream' } });
      expect(events.map((event) => Reflect.get(Object(event), 'passive'))).to.deep.equal([false, true, true]);
    });

    it('is not emitted without a sid, for one that opens nothing, for OPTIONS, or for read()', async () => {
      const site = new Site({ mode });
      const cookie = await site.issue();
      const { exchange } = await site.open({ cookie });
      const events = listening(site);
      await site.open();
      await site.open({ cookie: 'junk' });
      await site.open({ cookie, method: 'OPTIONS' });
      await site.lifecycle.read(exchange);
      expect(events).to.deep.equal([]);
    });
  });
}
