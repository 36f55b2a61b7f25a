import { expect } from 'chai';
import { sourceModes } from '../support/shop.js';
import { Site } from '../support/visits.js';

function listening(site: Site): unknown[] {
  const events: unknown[] = [];
  site.storage.events.on('cleared', (event) => events.push(event));
  return events;
}

for (const mode of sourceModes) {
  describe(`The event cleared (${mode})`, () => {
    it('is emitted after a sign-out, with the session that the request came with', async () => {
      const site = new Site({ mode });
      const sid = await site.issue({}, 'u1');
      const opened = await site.open({ cookie: sid });
      const { id, lineage } = opened.session;
      const events = listening(site);
      opened.session.revoke();
      expect(events).to.deep.equal([]);
      const { cookie } = await opened.commit();
      expect(cookie.maxAge).to.equal(0);
      expect(events).to.deep.equal([{ id, lineage, uid: 'u1', reason: 'ended' }]);
    });

    it('names the session as it came, even if its user changed before the sign-out', async () => {
      const site = new Site({ mode });
      const opened = await site.open({ cookie: await site.issue({}, 'u1') });
      const { id, lineage } = opened.session;
      const events = listening(site);
      opened.session.setUser('u2').revoke();
      await opened.commit();
      expect(events).to.deep.equal([{ id, lineage, uid: 'u1', reason: 'ended' }]);
    });

    it('is emitted when a header is emptied', async () => {
      const site = new Site({ mode, header: true });
      const events = listening(site);
      const { header } = await site.ask({ header: await site.issue({}, 'u1') }, (session) => session.revoke());
      expect(header).to.equal('');
      expect(events).to.have.length(1);
    });

    it('has no facts when the sid opened nothing', async () => {
      const site = new Site({ mode });
      const sid = await site.issue();
      await site.ask({ cookie: sid }, (session) => session.revoke());
      site.pass(60_000);
      const events = listening(site);
      await site.ask({ cookie: sid }, (session) => session.revoke());
      expect(events).to.deep.equal([{ reason: 'ended' }]);
    });

    it('has no facts when two different sessions came, which suspicious names', async () => {
      const site = new Site({ mode });
      const events = listening(site);
      await site.ask({ cookie: [await site.issue({}, 'u1'), await site.issue({}, 'u2')] });
      expect(events).to.deep.equal([{ reason: 'suspicious' }]);
    });

    it('is not emitted when the request carried nothing to clear', async () => {
      const site = new Site({ mode });
      const events = listening(site);
      const { headerNames } = await site.ask({}, (session) => session.revoke());
      expect(headerNames).not.to.include('set-cookie');
      expect(events).to.deep.equal([]);
    });

    it('is not emitted when a session is sent or left alone', async () => {
      const site = new Site({ mode });
      const sid = await site.issue({}, 'u1');
      const events = listening(site);
      await site.ask({ cookie: sid });
      await site.ask({ cookie: sid }, (session) => session.rotate());
      expect(events).to.deep.equal([]);
    });
  });
}
