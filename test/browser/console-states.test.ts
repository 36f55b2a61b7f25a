import { expect } from 'chai';
import type { BrowserContextOptions } from 'playwright-core';
import { ConsolePage } from './console-page.js';
import { type ConsoleStage, useConsole } from './console-stage.js';

const SCREENS: readonly (readonly [what: string, options: BrowserContextOptions])[] = [
  ['light, on a desk', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark, on a phone', { colorScheme: 'dark', viewport: { width: 390, height: 800 } }],
];

for (const [what, options] of SCREENS) {
  describe(`The page of the console is sound in each state: ${what}`, () => {
    const stage = useConsole();

    /** A tab of a browser with this screen. */
    async function open({ bench, another }: ConsoleStage): Promise<ConsolePage> {
      return await ConsolePage.open(await another(options), bench.base);
    }

    it('signed out, with and without an error, and with all that is inside', async () => {
      const tab = await open(stage());
      await tab.shows('#sign-in');
      await tab.expectSound('signed out');
      await tab.page.locator('summary').click();
      await tab.expectSound('signed out, opened');
      await tab.page.locator('#data-text').fill('{');
      await tab.press('Save');
      await tab.shows('#data-message.failed');
      await tab.expectSound('an error');
    });

    it('signed in alone', async () => {
      const tab = await open(stage());
      await tab.signIn('Ada');
      await tab.shows('#invite');
      await tab.expectSound('alone');
    });

    it('signed in with others and messages, and after ending them', async () => {
      const tab = await open(stage());
      await tab.signIn('Ada');
      await ConsolePage.openLive(tab.page.context(), stage().bench.base);
      const phone = await open(stage());
      await phone.signIn('Ada', 'A telephone with a name of 40 characters');
      await tab.lists('2 sessions, 3 open tabs');
      await phone.send('All my tabs', `${'word '.repeat(10)}${'x'.repeat(140)}`);
      await tab.shows('#notes li');
      await tab.page.locator('summary').click();
      await tab.expectSound('with others');
      await tab.press('End session: A telephone with a name of 40 characters');
      await tab.shows('.gone');
      await tab.expectSound('one ended');
      await phone.dark();
      await phone.expectSound('dark');
    });

    it('while the stream is down', async () => {
      const tab = await open(stage());
      await tab.signIn('Ada');
      await stage().bench.live.drain({ within: 0 });
      await tab.shows('#offline');
      await tab.expectSound('stream down');
    });
  });

  describe(`The page of the console is sound with tokens: ${what}`, () => {
    const stage = useConsole('tokens');

    it('signed in, with the token', async () => {
      const { bench, another } = stage();
      const tab = await ConsolePage.open(await another(options), bench.base);
      await tab.signIn('Ada');
      await tab.page.locator('summary').click();
      await tab.shows('#token');
      await tab.expectSound('tokens');
    });
  });
}

describe('The page of the console, on a phone', () => {
  const stage = useConsole();

  it('also shows a message at the edge of the window if the list is out of sight', async () => {
    const { bench, another } = stage();
    const tab = await ConsolePage.open(await another({ viewport: { width: 390, height: 500 } }), bench.base);
    await tab.signIn('Ada');
    const laptop = await ConsolePage.open(await another(), bench.base);
    await laptop.signIn('Ada', 'Laptop');
    await laptop.send('All my tabs', 'hello');
    await tab.shows('.toast:text-matches("^Ada, Laptop \\\\(tab \\\\w+\\\\): hello$")');
    await laptop.gets('hello');
    expect(await laptop.page.locator('.toast').isVisible()).to.equal(false);
  });
});

describe('The page of the console, with tokens', () => {
  const stage = useConsole('tokens');

  it('lists this session only and says why, and still reaches and ends the others', async () => {
    const { bench, user, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada', 'Laptop');
    const second = await ConsolePage.openLive(user.context, bench.base);
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('Ada', 'Phone');
    await tab.lists('1 session, 2 open tabs');
    await phone.lists('1 session, 1 open tab');
    await tab.shows('p:has-text("Only this session is listed.")');
    await tab.send('All my tabs', 'hello');
    for (const one of [tab, second, phone]) await one.gets('hello');
    await phone.press('End all others');
    for (const one of [tab, second]) {
      expect(await one.dark()).to.match(/^All other sessions were ended from Phone \(tab \w{4}\)\.$/);
    }
    await phone.shows('#devices-message:text-is("All your other sessions have ended.")');
    await phone.lists('1 session, 1 open tab');
  });
});
