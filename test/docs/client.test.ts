import { expect } from 'chai';
import { useChromium } from '../support/chromium.js';
import { LIVE_HOST, LiveSite, valueIn } from '../support/live-site.js';
import { closesWebs } from '../support/web.js';
import { blocksOf } from './blocks.js';
import { documentAt } from './documents.js';

const PAGE = 'docs/client.md';
const BODY = '<input id="field"><p id="chat"></p><button id="buy">buy</button><p id="cart">0</p>';

describe(`The page of ${PAGE}`, () => {
  const user = useChromium();
  closesWebs();

  it('shows messages, morphs, sends requests, and goes to the sign-in at the end', async () => {
    const [block, ...others] = blocksOf(PAGE, documentAt(PAGE).text, 'js');
    expect(others).to.deep.equal([]);
    const site = await LiveSite.open({ script: block?.code ?? '', body: BODY });
    const { page } = user();
    await page.goto(site.url());
    const stream = (await site.stream(0)).open();
    stream.send('message', { name: 'chat', data: { text: 'hello' } });
    stream.send('html', { html: '<p id="cart">1</p>' });
    await page.getByText('hello').waitFor();
    await page.getByText('1', { exact: true }).waitFor();
    const bought = site.web.answered('/buy');
    await page.locator('#buy').click();
    const { method, headers } = await bought;
    expect([method, headers['x-session-instance']]).to.deep.equal(['POST', stream.instance]);
    stream.send('end', { reason: 'revoked' });
    await page.waitForURL(site.url('/sign-in'));
  });

  it('loads itself again when another user has signed in', async () => {
    const [block] = blocksOf(PAGE, documentAt(PAGE).text, 'js');
    const site = await LiveSite.open({ script: block?.code ?? '', body: BODY });
    const { page } = user();
    await page.goto(site.url());
    const stream = (await site.stream(0)).open();
    const reloaded = page.waitForEvent('domcontentloaded');
    stream.send('end', { reason: 'superseded' });
    const next = await site.stream(1);
    const early = site.web.receivedAt('/').length;
    next.open({ session: 'another' });
    await reloaded;
    expect(early, 'not before its cookie has arrived').to.equal(1);
    expect(page.url()).to.equal(site.url());
  });

  it('has a policy that allows what the client does', async () => {
    const [block] = blocksOf(PAGE, documentAt(PAGE).text, 'text');
    const site = await LiveSite.open({ body: BODY });
    const { page } = user();
    const body = `${BODY}<script type="module" src="/page.js"></script>`;
    await page.goto(site.web.put(LIVE_HOST, body, { 'Content-Security-Policy': block?.code.trim() ?? '' }));
    const stream = (await site.stream(0)).open();
    stream.send('html', { html: '<p id="cart">1</p>' });
    await page.getByText('1', { exact: true }).waitFor();
    const blocked = "document.body.innerHTML = '<b>'";
    expect(await valueIn(page, `(() => { try { ${blocked}; } catch (error) { return error.name; } })()`)).to.equal(
      'TypeError',
    );
  });
});
