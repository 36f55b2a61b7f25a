import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { LIVE_HOST, LiveSite, until, valueIn } from '../support/live-site.js';
import { closesWebs } from '../support/web.js';

const FORM = '<form id="search"><input id="query"><output id="found">none</output></form>';
const MORPHED = "{ url: '/live', morph: window.morph }";

describe('A page with sessions-jwt/client', () => {
  const user = useChromium();
  closesWebs();

  it('opens the stream with an id of its own, and announces it', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    expect(stream.instance).to.match(/^[0-9a-f]{32}$/);
    expect(stream.last).to.equal(undefined);
    expect(stream.request.headers.accept).to.equal('text/event-stream');
    expect(await valueIn(page, '[live.instance, live.state, events]')).to.deep.equal([
      stream.instance,
      'open',
      [['session:open', { instance: stream.instance, replayed: null }]],
    ]);
  });

  it('keeps the id when it reloads, and begins without a position', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    stream.send('message', { name: 'chat', data: 1 }, { id: '5' }).send('reload');
    const next = await site.stream(1);
    expect([next.instance, next.last]).to.deep.equal([stream.instance, undefined]);
    await stream.closed();
  });

  it('names itself, and the page that it follows in its tab', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const first = await site.connect(page);
    expect(first.page).to.match(/^[0-9a-f]{32}$/);
    expect(first.previous).to.equal(undefined);
    first.end();
    const again = await site.stream(1);
    expect([again.page, again.previous]).to.deep.equal([first.page, undefined]);
    again.open({ replayed: true });
    await page.reload();
    const next = await site.stream(2);
    expect([next.instance, next.previous, next.page === first.page]).to.deep.equal([first.instance, first.page, false]);
  });

  it('follows no page in a copy of its tab while that has not left', async () => {
    const site = await LiveSite.open();
    const { page, context } = user();
    const stream = await site.connect(page);
    const kept = await valueIn(page, 'JSON.stringify(sessionStorage)');
    const copy = await context.newPage();
    await copy.goto(site.web.put(LIVE_HOST, ''));
    await valueIn(copy, `Object.assign(sessionStorage, ${String(kept)}), undefined`);
    await copy.goto(site.url());
    const copied = await site.stream(1);
    expect([copied.instance, copied.previous]).to.deep.equal([stream.instance, undefined]);
    expect(copied.page).not.to.equal(stream.page);
    await copy.close();
  });

  it('follows the connection that was closed before in the same page', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(
      page,
      "live.close(), import('/sessions-jwt/index.js').then(({ connectSession }) => void connectSession({ url: '/live' }))",
    );
    const next = await site.stream(1);
    expect([next.instance, next.previous]).to.deep.equal([stream.instance, stream.page]);
  });

  it('takes the id that the server names, as in a duplicated tab', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    await page.goto(site.url());
    (await site.stream(0)).open({ instance: 'another' });
    await until(page, "live.instance === 'another'");
    await page.reload();
    expect((await site.stream(1)).instance).to.equal('another');
  });

  it('replaces the element with the same id, and runs no script in it', async () => {
    const site = await LiveSite.open({ body: `<p id="one">1</p><p id="two">2</p>` });
    const { page } = user();
    const stream = await site.connect(page);
    const markup =
      '<p id="one"><b>first</b><script>events.push(1)</script></p><tr id="none"></tr><p id="two">second</p>';
    stream.send('html', { html: markup });
    await until(page, "document.getElementById('two').textContent === 'second'");
    expect(await valueIn(page, "[document.getElementById('one').innerHTML, events.length]")).to.deep.equal([
      '<b>first</b>',
      1,
    ]);
  });

  it('morphs the element with Idiomorph, so that its input has focus and text as before', async () => {
    const site = await LiveSite.open({ body: FORM, options: MORPHED });
    const { page } = user();
    const stream = await site.connect(page);
    await page.locator('#query').pressSequentially('ab');
    await valueIn(page, "void (window.field = document.getElementById('query'))");
    stream.send('html', { html: FORM.replace('none', '3') });
    await until(page, "document.getElementById('found').textContent === '3'");
    expect(await valueIn(page, '[document.activeElement === field, field.isConnected, field.value]')).to.deep.equal([
      true,
      true,
      'ab',
    ]);
  });

  it('goes on when a morph throws', async () => {
    const site = await LiveSite.open({
      body: FORM,
      options: "{ url: '/live', morph() { throw new Error('no'); } }",
    });
    const { page } = user();
    const stream = await site.connect(page);
    stream.send('html', { html: FORM }).send('message', { name: 'chat', data: 1 });
    await until(page, 'events.length === 2');
    expect(site.streams).to.have.lengthOf(1);
  });

  it('goes to a path of its origin, and to no other', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const warnings: string[] = [];
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    const stream = await site.connect(page);
    for (const path of [
      '//other.test/',
      '/\\other.test/',
      'https://other.test/',
      'javascript:alert(1)',
      '/\t/other.test/',
    ])
      stream.send('path', { path });
    stream.send('path', { path: '/sign-in?from=home' });
    await page.waitForURL(site.url('/sign-in?from=home'));
    page.removeAllListeners('console');
    expect(warnings).to.have.lengthOf(5);
    expect(site.web.received.filter(({ host }) => host === 'other.test')).to.deep.equal([]);
  });

  it('passes messages on to listeners of their name, until they are removed, and to the document', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, "window.chats = []; window.off = live.on('chat', (data) => chats.push(data)); undefined");
    stream.send('message', { name: 'chat', data: { text: 'a\nb' } }).send('message', { name: 'other', data: null });
    await until(page, 'events.length === 3');
    await valueIn(page, 'off()');
    stream.send('message', { name: 'chat', data: 2 });
    await until(page, 'events.length === 4');
    expect(await valueIn(page, '[chats, events.slice(1)]')).to.deep.equal([
      [{ text: 'a\nb' }],
      [
        ['session:message', { name: 'chat', data: { text: 'a\nb' } }],
        ['session:message', { name: 'other', data: null }],
        ['session:message', { name: 'chat', data: 2 }],
      ],
    ]);
  });

  it('takes no message for an event of the connection', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    await valueIn(page, "window.ends = 0; live.on('session:end', () => { ends += 1; }); undefined");
    stream.send('message', { name: 'session:end', data: { reason: 'x' } });
    await until(page, 'events.length === 2');
    expect(await valueIn(page, '[ends, events[1][0], live.state]')).to.deep.equal([0, 'session:message', 'open']);
  });

  it('fetches a cookie, which scripts cannot read, before it handles the next event', async () => {
    const site = await LiveSite.open();
    const { page, context } = user();
    const stream = await site.connect(page);
    const claim = 'c'.repeat(43);
    stream.send('cookie', { claim }).send('path', { path: '/next' });
    await page.waitForURL(site.url('/next'));
    const [cookie] = await context.cookies();
    expect([cookie?.name, cookie?.value, cookie?.httpOnly]).to.deep.equal(['claimed', claim, true]);
    expect(site.web.receivedAt('/next')[0]?.headers.cookie).to.equal(`claimed=${claim}`);
    const { headers } = await site.post();
    expect([headers['x-session-passive'], headers['x-session-instance']]).to.deep.equal(['1', stream.instance]);
  });

  it('waits for a cookie however long it takes', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const stream = await site.connect(page);
    let answer = (): void => undefined;
    site.claims = new Promise((resolve) => {
      answer = resolve;
    });
    stream.send('cookie', { claim: 'c'.repeat(43) }).send('message', { name: 'chat', data: 1 });
    await site.post();
    await valueIn(page, "fetch('/echo').then(() => undefined)");
    expect(await valueIn(page, 'events.length')).to.equal(1);
    answer();
    await until(page, 'events.length === 3');
    expect(await valueIn(page, 'events[1][0]')).to.equal('session:cookie');
  });

  it('announces that events may be lost', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    await page.goto(site.url());
    (await site.stream(0)).open({ replayed: false }).send('missed');
    await until(page, 'events.length === 3');
    expect(await valueIn(page, 'events.slice(1)')).to.deep.equal([
      ['session:missed', {}],
      ['session:missed', {}],
    ]);
  });

  it('ignores malformed and unknown events with a warning, and goes on', async () => {
    const site = await LiveSite.open();
    const { page } = user();
    const warnings: string[] = [];
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    const stream = await site.connect(page);
    for (const [type, data] of [
      ['html', 'no JSON'],
      ['html', { html: 1 }],
      ['path', 'null'],
      ['cookie', { claim: 'short' }],
      ['message', { data: 1 }],
      ['open', { instance: 'a b', replayed: null }],
      ['toString', {}],
    ] as const)
      stream.send(type, data);
    stream.send('message', { name: 'chat', data: 1 });
    await until(page, 'events.length === 2');
    expect(warnings.map((text) => text.replace(/.* of type /, ''))).to.deep.equal([
      'html',
      'html',
      'path',
      'cookie',
      'message',
      'open',
      'toString',
    ]);
    page.removeAllListeners('console');
  });
});
