import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { LIVE_HOST, LiveSite, until, valueIn } from '../support/live-site.js';
import { closesWebs, type Received } from '../support/web.js';

/** What Chromium does for a tab in the background; headless, it shows every tab. */
const show = (state: 'visible' | 'hidden'): string => `
  Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'))`;

const reports =
  (visibility: string) =>
  ({ headers }: Received): boolean =>
    String(headers['x-session-visibility']).startsWith(visibility);

/** The headers that a URL of `/echo` got. */
const echo = async (page: Parameters<typeof valueIn>[0], input: string, init = '{}') =>
  Object(await valueIn(page, `live.fetch(${input}, ${init}).then((response) => response.json())`));

describe('The page of sessions-jwt/client', () => {
  const user = useChromium();
  closesWebs();

  it('reports that it is hidden, and visible, as no access to the session', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, show('hidden'));
    const { headers } = await site.post(reports('hidden'));
    expect(headers['x-session-visibility']).to.match(/^hidden; active=\d+$/);
    expect([headers['x-session-passive'], headers['x-session-instance']]).to.deep.equal(['1', stream.instance]);
    await valueIn(page, show('visible'));
    await site.post(reports('visible'));
  });

  it('reports on a new connection what the server does not know', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.end();
    const next = await site.stream(1);
    await valueIn(page, show('hidden'));
    expect(site.posts).to.deep.equal([]);
    next.open();
    await site.post(reports('hidden'));
  });

  it('reports input of its user at most every 30 seconds, and none that a script made', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    await site.connect(page);
    await valueIn(page, "document.body.click(); document.dispatchEvent(new KeyboardEvent('keydown'))");
    expect(site.posts).to.deep.equal([]);
    await page.keyboard.press('a');
    await page.keyboard.press('b');
    const { headers } = await site.post(reports('visible'));
    expect(headers['x-session-visibility']).to.match(/^visible; active=\d{1,3}$/);
    expect(headers['x-session-passive']).to.equal('1');
    await valueIn(page, 'Date.now = ((now) => () => now() + 30_000)(Date.now)');
    await page.keyboard.press('c');
    await site.post(() => site.posts.length === 2);
    expect(site.posts).to.have.lengthOf(2);
  });

  it('keeps the session alive with keepAlive, while its user is there', async () => {
    const site = await LiveSite.open({ options: "{ url: '/live', keepAlive: 600_000 }" });
    const { page } = user();
    await site.connect(page);
    await page.keyboard.press('a');
    const { headers } = await site.post(reports('visible'));
    expect(headers).not.to.have.property('x-session-passive');
    await valueIn(page, show('hidden'));
    expect((await site.post(reports('hidden'))).headers['x-session-passive']).to.equal('1');
    await valueIn(page, 'Date.now = ((now) => () => now() + 600_000)(Date.now)');
    await valueIn(page, show('visible'));
    const late = await site.post((one) => reports('visible')(one) && one.headers['x-session-passive'] === '1');
    expect(late.headers['x-session-visibility']).to.match(/active=6\d{5}$/);
  });

  it('keeps the session alive for a user who reads, every minute, but not for one who has left', async () => {
    const options = '(window.setInterval = (run, ms) => { window.tick = run; window.period = ms; }, KEEP)';
    const site = await LiveSite.open({ options: options.replace('KEEP', "{ url: '/live', keepAlive: 600_000 }") });
    const { page } = user();
    await site.connect(page);
    expect(await valueIn(page, 'period')).to.equal(60_000);
    await valueIn(page, 'tick(), undefined');
    expect((await site.post()).headers).not.to.have.property('x-session-passive');
    await valueIn(page, 'Date.now = ((now) => () => now() + 600_000)(Date.now)');
    await valueIn(page, "tick(), fetch('/echo').then(() => undefined)");
    expect(site.posts).to.have.lengthOf(1);
  });

  it('adds the headers of the session to requests of its origin', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const { instance } = await site.connect(page);
    await valueIn(page, "document.cookie = 'csrf=t1'");
    expect(await echo(page, "'/echo'", "{ method: 'post' }")).to.include({
      'x-session-instance': instance,
      'x-csrf-token': 't1',
    });
    expect(await echo(page, "new Request('/echo', { method: 'PUT', headers: { 'X-Own': '1' } })")).to.include({
      'x-session-instance': instance,
      'x-csrf-token': 't1',
      'x-own': '1',
    });
    expect(await echo(page, "new URL('/echo', location)")).not.to.have.property('x-csrf-token');
  });

  it('adds none to requests of other origins, and does not follow a redirect to one', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    await site.connect(page);
    await valueIn(page, "document.cookie = 'csrf=t1'");
    const other = site.web.url('other.test', '/echo');
    expect(await echo(page, `'${other}'`, "{ method: 'POST' }")).not.to.have.any.keys(
      'x-session-instance',
      'x-csrf-token',
    );
    const failure = "live.fetch('/elsewhere', { method: 'POST' }).catch((error) => error.name)";
    expect(await valueIn(page, failure)).to.equal('TypeError');
    expect(site.web.received.filter(({ host }) => host === 'other.test')).to.have.lengthOf(1);
  });

  it('closes the stream when it goes into the back/forward cache, and resumes it from there', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.send('message', { name: 'chat', data: 1 }, { id: '7' });
    await until(page, 'events.length === 2');
    await page.goto(site.web.put('other.test', '<p>other</p>'));
    await stream.closed();
    await page.goBack({ waitUntil: 'commit' });
    const next = await site.stream(1);
    expect([next.last, next.instance]).to.deep.equal(['7', stream.instance]);
  });

  it('follows the page after it when its user goes back to it', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await page.goto(site.url('/next'));
    const next = (await site.stream(1)).open();
    expect(next.previous).to.equal(stream.page);
    await page.goBack({ waitUntil: 'commit' });
    const back = await site.stream(2);
    expect([back.instance, back.page, back.previous]).to.deep.equal([stream.instance, stream.page, next.page]);
    // Two pages that named each other again and again would cut each other's stream again and again.
    back.open().end();
    const again = await site.stream(3);
    expect([again.page, again.previous]).to.deep.equal([stream.page, undefined]);
  });

  for (const [what, leave, back] of [
    ['is frozen', "document.dispatchEvent(new Event('freeze'))", "document.dispatchEvent(new Event('resume'))"],
    [
      'is left, in browsers that do not freeze it',
      "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))",
      "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
    ],
  ] as const) {
    it(`closes the stream when it ${what}, and resumes it afterwards`, async () => {
      const site = await LiveSite.open();
      const { page } = user();
      const stream = await site.connect(page);
      await valueIn(page, leave);
      await stream.closed();
      expect(await valueIn(page, 'live.state')).to.equal('idle');
      await valueIn(page, back);
      await site.stream(1);
    });
  }

  it('opens another connection when the network changes', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, "dispatchEvent(new Event('online'))");
    await stream.closed();
    await site.stream(1);
  });

  it('refuses to start under a policy that does not allow its Trusted Types policy', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const policy = "require-trusted-types-for 'script'; trusted-types other";
    const body = '<script type="module" src="/page.js"></script>';
    await page.goto(site.web.put(LIVE_HOST, body, { 'Content-Security-Policy': policy }));
    page.removeAllListeners('pageerror');
    expect(errors.join()).to.include('sessions-jwt');
    expect(site.streams).to.deep.equal([]);
  });

  for (const [what, options, says] of [
    ['a URL of another origin', "{ url: 'https://other.test/live' }", 'option url'],
    ['an option it does not know', "{ url: '/live', heartbeat: 1 }", 'option heartbeat'],
    ['a fraction of a millisecond', "{ url: '/live', silence: 0.5 }", 'option silence'],
    ['a morph that is no function', "{ url: '/live', morph: 1 }", 'option morph'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const site = await LiveSite.open();
      const { page } = user();
      await site.connect(page);
      const failure = `import('/sessions-jwt/index.js').then(({ connectSession }) => connectSession(${options})).catch(String)`;
      expect(await valueIn(page, failure)).to.match(new RegExp(`^TypeError: connectSession: ${says} `));
    });
  }
});
