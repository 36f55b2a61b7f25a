import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { MINUTE } from '../examples/console-bench.js';
import { ConsolePage } from './console-page.js';
import { useConsole } from './console-stage.js';

/** The status of a POST of the page with the session's cookies, and with these headers. */
async function post(page: Page, path: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
  return await page.evaluate(`fetch('${path}', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...${JSON.stringify(headers)} },
    body: '{"to":"user","text":"forged"}',
  }).then((response) => response.status)`);
}

describe('The page of the console: outages, forgery and the keyboard', () => {
  const stage = useConsole();

  it('says that the stream is down, asks for nothing by itself, and does what its user wants', async () => {
    const { bench, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    await bench.live.drain({ within: 0 });
    await tab.shows('.pill.down');
    await tab.shows('#offline');
    const asked: string[] = [];
    tab.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.page.getByLabel('Name', { exact: true }).fill('Ada');
    await phone.press('Sign in');
    await phone.shows('#summary:text-is("2 sessions, 0 open tabs")');
    // The browser may load the picture of a row that is new.
    expect(asked.filter((line) => line !== 'GET /live' && line !== 'GET /icons.svg')).to.deep.equal([]);
    await tab.press('Load now');
    await tab.lists('2 sessions, 0 open tabs');
    await tab.shows('#offline-message:text("Loaded.")');
    await tab.press('End all others');
    await tab.lists('1 session, 0 open tabs');
  });

  it('goes dark when it finds that its session is over', async () => {
    const { bench, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    await bench.live.drain({ within: 0 });
    await tab.shows('#offline');
    bench.now += 31 * MINUTE;
    await tab.press('Load now');
    expect(await tab.dark()).to.equal('It ended while this page was not connected.');
    expect(await tab.focus()).to.equal('ended-title');
  });

  it('goes dark when it finds that somebody else has signed in', async () => {
    const { bench, user, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    await bench.live.drain({ within: 0 });
    await tab.shows('#offline');
    await user.context.clearCookies();
    const other = await ConsolePage.open(user.context, bench.base);
    await other.page.getByLabel('Name', { exact: true }).fill('Bob');
    await other.press('Sign in');
    await other.shows('#who:text-is("Bob")');
    await tab.press('Load now');
    expect(await tab.dark()).to.equal('Another user has signed in in this browser.');
    expect(await tab.page.evaluate('document.body.textContent')).not.to.contain('Ada');
  });

  it('keeps what is typed in "Look inside" when its user comes back to the tab', async () => {
    const tab = await stage().first();
    await tab.shows('#sign-in');
    await tab.page.locator('summary').click();
    await tab.page.locator('#data-text').fill('{ "a": 1 }');
    const loaded = tab.page.waitForResponse(/api\/session/);
    await tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await (await loaded).finished();
    await tab.page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
    expect(await tab.page.locator('#data-text').inputValue()).to.equal('{ "a": 1 }');
    expect(await tab.focus()).to.equal('data-text');
    await tab.press('Save');
    await tab.shows('#data-message:text-is("Saved.")');
    await tab.shows('dd:text-is("–")');
  });

  it('is refused without the CSRF token, at the API and at the stream', async () => {
    const { page } = stage().user;
    const tab = await stage().first();
    await tab.signIn('Ada');
    const token = /(?:^|; )csrf=([^;]+)/.exec(String(await page.evaluate('document.cookie')))?.[1] ?? '';
    expect(await post(page, '/api/messages', {})).to.equal(403);
    expect(await post(page, '/live', { 'X-Session-Visibility': 'hidden' })).to.equal(403);
    expect(await tab.notes()).to.deep.equal([]);
    expect(await post(page, '/api/messages', { 'X-CSRF-Token': token })).to.equal(204);
    await tab.gets('forged');
    await page.locator('summary').click();
    await tab.press('Send without a token');
    await tab.shows('#forge-message:text("403 EBADCSRFTOKEN, token_missing")');
    await tab.press('Send with a stale token');
    await tab.shows('#forge-message:text("403 EBADCSRFTOKEN, token_stale")');
  });

  it('needs only the keyboard, and the focus is always somewhere', async () => {
    const { bench, another, first } = stage();
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('Ada', 'Phone');
    const tab = await first();
    const { keyboard } = tab.page;

    /** Presses Tab until this has the focus. */
    const reach = async (name: RegExp): Promise<void> => {
      for (let count = 0; count < 40; count += 1) {
        if (name.test(await tab.focus())) return;
        await keyboard.press('Tab');
      }
      expect(await tab.focus()).to.match(name);
    };

    await tab.shows('#sign-in');
    await reach(/^name$/);
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await tab.lists('2 sessions, 2 open tabs');
    expect(await tab.focus()).to.equal('devices-title');
    await reach(/^Message tab \w+ of Phone$/);
    await keyboard.press('Enter');
    expect(await tab.focus()).to.equal('text');
    await keyboard.type('hello');
    await keyboard.press('Enter');
    await phone.gets('hello');
    await tab.shows('#send-message:text("Sent to tab")');
    expect(await tab.focus()).to.equal('text');
    await tab.page.locator('#devices-title').focus();
    await reach(/^End session: Phone$/);
    await keyboard.press('Space');
    await phone.dark();
    await tab.shows('.gone');
    expect(await tab.focus()).to.equal('Phone: session ended');
    await reach(/^Look inside/);
    await keyboard.press('Enter');
    await reach(/^Rotate$/);
    await keyboard.press('Enter');
    await tab.shows('#session-message:text("Rotated")');
    expect(await tab.focus()).to.equal('Rotate');
    await tab.page.locator('#devices-title').focus();
    await reach(/^Sign out$/);
    await keyboard.press('Enter');
    await tab.shows('#sign-in-message:text("You are signed out.")');
    expect(await tab.focus()).to.equal('name');
  });
});
