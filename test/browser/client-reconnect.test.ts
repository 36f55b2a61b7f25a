import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { LiveSite, until, valueIn } from '../support/live-site.js';
import { closesWebs } from '../support/web.js';

const MESSAGE = { name: 'chat', data: 1 };

/** How long the page knows that it will wait, and how its clock and its chance are made to say. */
const CLOCK = `
  window.pauses = [];
  const setTimeoutOfPage = window.setTimeout;
  window.setTimeout = (run, ms, ...rest) => {
    if (ms !== 60_000 && ms !== 5) pauses.push(ms);
    return setTimeoutOfPage(run, ms === 60_000 ? ms : 0, ...rest);
  };
  Math.random = () => 0.5;
  undefined`;

describe('The stream of sessions-jwt/client', () => {
  const user = useChromium();
  closesWebs();

  it('resumes after the last event when the server closes it, with the pause that the server suggests', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, CLOCK);
    stream.send('message', MESSAGE, { id: '7' }).send('reconnect', { reason: 'drain' }, { retry: 1234 });
    const next = await site.stream(1);
    expect([next.last, next.instance]).to.deep.equal(['7', stream.instance]);
    next.open({ replayed: true });
    await until(page, 'events.length === 4');
    expect(await valueIn(page, '[pauses, events.slice(2)]')).to.deep.equal([
      [1234],
      [
        ['session:reconnect', { reason: 'drain' }],
        ['session:open', { instance: stream.instance, replayed: true }],
      ],
    ]);
  });

  it('is said to be lost, once, and to be open again', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, CLOCK);
    site.refusals.push({ status: 502 }, { status: 500 });
    stream.end();
    const next = await site.stream(1);
    expect(await valueIn(page, '[events.slice(1), live.state]')).to.deep.equal([[['session:lost', {}]], 'connecting']);
    next.open({ replayed: true });
    await until(page, "live.state === 'open'");
    next.end();
    await site.stream(2);
    expect(await valueIn(page, 'events.slice(1).map(([name]) => name)')).to.deep.equal([
      'session:lost',
      'session:open',
      'session:lost',
    ]);
  });

  it('is said to be lost when it cannot be opened at first', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    site.refusals.push({ status: 503, headers: { 'Retry-After': '60' } });
    await page.goto(site.url());
    await until(page, 'events.length === 1');
    expect(await valueIn(page, '[events, live.state]')).to.deep.equal([[['session:lost', {}]], 'waiting']);
  });

  it('resumes after a lost connection, with a pause that grows and that chance shortens', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, CLOCK);
    stream.send('message', MESSAGE, { id: '7', retry: 1_000 });
    await until(page, 'events.length === 2');
    const html = { 'Content-Type': 'text/html' };
    const body = 'event: message\ndata: {"name":"chat","data":"no stream"}\n\n';
    site.refusals.push({ status: 502 }, { status: 500 }, { status: 200, headers: html, body });
    stream.end();
    const next = await site.stream(1);
    expect(next.last).to.equal('7');
    expect(await valueIn(page, '[pauses, events.length]')).to.deep.equal([[500, 1_000, 2_000, 4_000], 3]);
    next.send('open', { instance: next.instance, session: 'one', replayed: true });
    await until(page, 'events.length === 4');
    next.end();
    await site.stream(2);
    expect(await valueIn(page, 'pauses.at(-1)')).to.equal(500);
  });

  it('comes back when the server restarts', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.send('message', MESSAGE, { id: '7' });
    await until(page, 'events.length === 2');
    await site.web.restart();
    expect((await site.stream(1)).last).to.equal('7');
  });

  for (const status of [429, 503]) {
    it(`waits at least as long as Retry-After says, after status ${status}`, async () => {
      const site = await LiveSite.open();
      const { page } = user();
      const stream = await site.connect(page);
      await valueIn(page, CLOCK);
      site.refusals.push({ status, headers: { 'Retry-After': '7' } });
      stream.end();
      await site.stream(1);
      expect(await valueIn(page, 'pauses')).to.deep.equal([10, 7_020]);
    });
  }

  it('stops for good at the end, and says why', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, CLOCK);
    stream.send('end', { reason: 'signed out' });
    await stream.closed();
    await until(page, 'events.length === 2');
    await valueIn(
      page,
      "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); dispatchEvent(new Event('online'))",
    );
    await valueIn(page, "document.dispatchEvent(new Event('visibilitychange'))");
    expect(await valueIn(page, '[live.state, pauses, events[1]]')).to.deep.equal([
      'closed',
      [],
      ['session:end', { reason: 'signed out' }],
    ]);
    await valueIn(page, "fetch('/echo').then(() => undefined)");
    expect([site.streams.length, site.posts.length]).to.deep.equal([1, 0]);
  });

  it('stops for good at status 204', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    site.refusals.push({ status: 204 });
    await page.goto(site.url());
    await until(page, "live.state === 'closed'");
    expect(await valueIn(page, 'events')).to.deep.equal([['session:end', { reason: 'no session' }]]);
    expect(site.streams).to.deep.equal([]);
  });

  it('asks for the session of another user, from the start', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, CLOCK);
    stream.send('message', MESSAGE, { id: '7' }).send('end', { reason: 'superseded' });
    const next = await site.stream(1);
    expect(next.last).to.equal(undefined);
    expect(await valueIn(page, 'events.slice(2)')).to.deep.equal([['session:end', { reason: 'superseded' }]]);
    next.open({ session: 'another' });
    await until(page, "live.state === 'open'");
    expect(site.streams).to.have.lengthOf(2);
    expect(await valueIn(page, 'events.slice(3)')).to.deep.equal([
      ['session:open', { instance: stream.instance, replayed: null }],
      ['session:changed', {}],
    ]);
  });

  it('shows the page that the session is another one, also if nobody could say so', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.end();
    (await site.stream(1)).open({ replayed: true }).end();
    (await site.stream(2)).open({ session: 'another', replayed: true });
    await until(page, "events.at(-1)[0] === 'session:changed'");
    const names = '[...new Set(events.slice(0, -1).map(([name]) => name))]';
    expect(await valueIn(page, names)).to.deep.equal(['session:open', 'session:lost']);
  });

  it('has another id when the server has another tab with its own', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.send('message', MESSAGE, { id: '7' }).send('reconnect', { reason: 'duplicate' });
    const next = await site.stream(1);
    expect(next.instance)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(stream.instance);
    expect([next.last, next.page]).to.deep.equal(['7', stream.page]);
    expect(await valueIn(page, 'live.instance')).to.equal(next.instance);
  });

  it('stops when the page closes it', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, 'live.close()');
    await stream.closed();
    expect(await valueIn(page, 'live.state')).to.equal('closed');
  });

  it('counts as lost when the server is silent', async () => {
    const site = await LiveSite.open({ options: "{ url: '/live', silence: 50 }" });
    const { page } = user();
    await page.goto(site.url());
    // Without an event: on a slow machine, it would come when the stream counts as lost already.
    await (await site.stream(0)).closed();
    await site.stream(1);
  });
});
