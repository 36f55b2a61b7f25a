import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { LiveSite, type OpenStream, until, valueIn } from '../support/live-site.js';
import { closesWebs } from '../support/web.js';

const OPTIONS = "{ url: '/live', shared: true }";
const hasEvents = (count: number): string => `events.length === ${count}`;

describe('Tabs that share the stream of sessions-jwt/client', () => {
  const user = useChromium();
  closesWebs();

  /** Two tabs, the first of which reads the stream. */
  async function twoTabs(): Promise<{ site: LiveSite; stream: OpenStream; first: Page; second: Page }> {
    const site = await LiveSite.open({ options: OPTIONS, isSecure: true });
    const { page: second, context } = user();
    const first = await context.newPage();
    const stream = await site.connect(first);
    await second.goto(site.url());
    await until(second, hasEvents(1));
    return { site, stream, first, second };
  }

  it('open one, and have the same id', async () => {
    const { site, stream, first, second } = await twoTabs();
    const third = await user().context.newPage();
    await third.goto(site.url());
    await until(third, hasEvents(1));
    for (const tab of [first, second, third]) {
      expect(await valueIn(tab, '[live.instance, live.state, events]')).to.deep.equal([
        stream.instance,
        'open',
        [['session:open', { instance: stream.instance, replayed: null }]],
      ]);
    }
    expect(site.streams).to.have.lengthOf(1);
  });

  it('all handle the events, in order, and fetch a cookie once', async () => {
    const { site, stream, first, second } = await twoTabs();
    stream.send('cookie', { claim: 'c'.repeat(43) }).send('message', { name: 'chat', data: 1 });
    for (const tab of [first, second]) {
      await until(tab, hasEvents(3));
      expect(await valueIn(tab, 'events.slice(1)')).to.deep.equal([
        ['session:cookie', {}],
        ['session:message', { name: 'chat', data: 1 }],
      ]);
    }
    expect(site.posts).to.have.lengthOf(1);
  });

  it('go on when the tab that reads closes, after the last event', async () => {
    const { site, stream, first, second } = await twoTabs();
    stream.send('message', { name: 'chat', data: 1 }, { id: '7' });
    await until(second, hasEvents(2));
    await first.close();
    const next = await site.stream(1);
    expect([next.last, next.instance]).to.deep.equal(['7', stream.instance]);
    next.open({ replayed: true }).send('message', { name: 'chat', data: 2 });
    await until(second, hasEvents(4));
    expect(await valueIn(second, 'live.state')).to.equal('open');
  });

  it('resume after the last event in a tab that came later, and goes into no history', async () => {
    const { site, stream, first, second } = await twoTabs();
    stream.send('message', { name: 'chat', data: 1 }, { id: '7' });
    await until(second, hasEvents(2));
    await second.reload();
    await until(second, hasEvents(1));
    await first.goto('about:blank');
    expect((await site.stream(1)).last).to.equal('7');
  });

  it('replace the stream of the tab that read before', async () => {
    const { site, stream, first, second } = await twoTabs();
    await first.close();
    const next = await site.stream(1);
    expect([next.instance, next.previous]).to.deep.equal([stream.instance, stream.page]);
    expect(next.page).not.to.equal(stream.page);
    next.open({ replayed: true });
    await until(second, hasEvents(2));
  });

  it('all learn that the connection is lost, and that it is open again', async () => {
    const { site, stream, first, second } = await twoTabs();
    site.refusals.push({ status: 502 }, { status: 502 });
    stream.end();
    for (const tab of [first, second]) {
      await until(tab, hasEvents(2));
      expect(await valueIn(tab, '[events[1], live.state !== "open"]')).to.deep.equal([['session:lost', {}], true]);
    }
    (await site.stream(1)).open({ replayed: true });
    for (const tab of [first, second]) {
      await until(tab, hasEvents(3));
      expect(await valueIn(tab, '[events[2][0], live.state]')).to.deep.equal(['session:open', 'open']);
    }
  });

  it('all learn of another session when its stream is open', async () => {
    const { site, stream, first, second } = await twoTabs();
    stream.send('end', { reason: 'superseded' });
    const next = await site.stream(1);
    await until(second, hasEvents(2));
    expect(await valueIn(second, 'live.state')).to.equal('waiting');
    next.open({ session: 'another' });
    for (const tab of [first, second]) {
      await until(tab, hasEvents(4));
      expect(await valueIn(tab, 'events.slice(1).map(([name]) => name)')).to.deep.equal([
        'session:end',
        'session:open',
        'session:changed',
      ]);
    }
  });

  it('all stop at the end', async () => {
    const { stream, first, second } = await twoTabs();
    stream.send('end', { reason: 'revoked' });
    for (const tab of [first, second]) {
      await until(tab, "live.state === 'closed'");
      expect(await valueIn(tab, 'events.at(-1)')).to.deep.equal(['session:end', { reason: 'revoked' }]);
    }
  });

  it('have one each without HTTPS', async () => {
    const site = await LiveSite.open({ options: OPTIONS });
    const { page, context } = user();
    await site.connect(page);
    await site.connect(await context.newPage());
    expect(site.streams).to.have.lengthOf(2);
  });
});
