import { expect } from 'chai';
import { ConsolePage } from './console-page.js';
import { useConsole } from './console-stage.js';

describe('The page of the console', () => {
  const stage = useConsole();

  it('shows the tabs of all devices, also those that open and close later', async () => {
    const { bench, user, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    await tab.lists('1 session, 1 open tab');
    const second = await ConsolePage.openLive(user.context, bench.base);
    await tab.lists('1 session, 2 open tabs');
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('ada', 'Phone');
    for (const one of [tab, second, phone]) await one.lists('2 sessions, 3 open tabs');
    await second.page.close();
    for (const one of [tab, phone]) await one.lists('2 sessions, 2 open tabs');
    expect(await tab.page.locator('.session h3').allInnerTexts()).to.deep.equal(['Chrome on Linux', 'Phone']);
  });

  it('delivers a message to one tab, to all tabs of a device, to all of a user, and to another user', async () => {
    const { bench, user, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const second = await ConsolePage.openLive(user.context, bench.base);
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('Ada', 'Phone');
    const bob = await ConsolePage.open(await another(), bench.base);
    await bob.signIn('Bob');
    for (const one of [tab, second, phone]) await one.lists('2 sessions, 3 open tabs');

    await tab.send(/^tab \w+ of Phone$/, 'one tab');
    await phone.gets('one tab');
    await phone.send('All tabs of Chrome on Linux', 'one device');
    for (const one of [tab, second]) await one.gets('one device');
    await second.send('All my tabs', 'all of mine');
    for (const one of [tab, second, phone]) await one.gets('all of mine');
    await tab.page.getByLabel('To', { exact: true }).selectOption({ label: 'Another user …' });
    await tab.page.getByLabel('Name of the user').fill('BOB');
    await tab.send('Another user …', 'to Bob');
    await bob.gets('to Bob');
    const all = await Promise.all([tab, second, phone, bob].map((one) => one.notes()));
    const both = ['all of mine', 'one device'];
    expect(all).to.deep.equal([both, both, ['all of mine', 'one tab'], ['to Bob']]);
    const from = await bob.page.locator('#notes li p:last-child').innerText();
    expect(from).to.match(/^Ada, Chrome on Linux \(tab \w{4}\), to all your tabs, /);
  });

  it('goes dark when another tab signs out, and says where that was', async () => {
    const { bench, user, first } = stage();
    const tab = await first();
    await tab.signIn('Ada', 'Laptop');
    const others = [
      await ConsolePage.openLive(user.context, bench.base),
      await ConsolePage.openLive(user.context, bench.base),
    ];
    await tab.lists('1 session, 3 open tabs');
    const name = await tab.page.locator('.tab.current .name').innerText();
    await tab.press('Sign out');
    for (const one of others) {
      expect(await one.dark()).to.equal(`Signed out from Laptop (${name.replace('Tab', 'tab')}).`);
      expect(await one.focus()).to.equal('ended-title');
    }
    expect(bench.live.connections()).to.deep.equal([]);
    await tab.shows('#sign-in-message:text("You are signed out.")');
    expect(await tab.focus()).to.equal('name');
  });

  it('keeps nothing of the session when it goes dark, and begins again', async () => {
    const { bench, user, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const other = await ConsolePage.openLive(user.context, bench.base);
    await tab.lists('1 session, 2 open tabs');
    await tab.send('All my tabs', 'a secret');
    await other.gets('a secret');
    await tab.press('Sign out');
    await other.dark();
    expect(await other.page.evaluate('document.body.textContent')).not.to.match(/a secret|Ada|"language"/);
    await other.press('Sign in again');
    await other.shows('#name');
    expect(await other.focus()).to.equal('name');
    await other.signIn('Bob');
    expect(await other.focus()).to.equal('devices-title');
    // The tab that is signed out shares the cookies of this one.
    await tab.live();
    expect(await tab.page.locator('#who').innerText()).to.equal('Bob');
  });

  it('ends one session of the list, and the others at once, without a click there', async () => {
    const { bench, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada', 'Laptop');
    const [phone, tablet] = [
      await ConsolePage.open(await another(), bench.base),
      await ConsolePage.open(await another(), bench.base),
    ];
    await phone.signIn('Ada', 'Phone');
    await tablet.signIn('Ada', 'Tablet');
    await phone.lists('3 sessions, 3 open tabs');
    await phone.press('End session: Tablet');
    expect(await tablet.dark()).to.match(/^Ended from Phone \(tab \w{4}\)\.$/);
    await phone.lists('2 sessions, 2 open tabs');
    expect(await phone.focus()).to.equal('Tablet: session ended');
    await phone.press('End all others');
    expect(await tab.dark()).to.match(/^All other sessions were ended from Phone \(tab \w{4}\)\.$/);
    await phone.shows('#devices-message:text-is("1 other session has ended.")');
    expect(await phone.focus()).to.equal('end-others');
    await phone.page.keyboard.press('Enter');
    await phone.shows('#devices-message:text-is("You have no other session.")');
  });

  it('shows a session that it has ended once, although an answer from before that still lists it', async () => {
    const { bench, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const device = await another();
    const phone = await ConsolePage.open(device, bench.base);
    await phone.signIn('Ada', 'Phone');
    await tab.lists('2 sessions, 2 open tabs');
    const ended = tab.page.waitForResponse((response) => response.request().method() === 'DELETE');
    const fromBefore = new Promise<void>((resolve) => {
      void tab.page.route(
        '**/api/overview',
        async (route) => {
          const response = await route.fetch();
          resolve();
          await (await ended).finished();
          await route.fulfill({ response });
        },
        { times: 1 },
      );
    });
    // The page asks for the list again, because there is another tab.
    await ConsolePage.openLive(device, bench.base);
    await fromBefore;
    await tab.press('End session: Phone');
    await tab.shows('.gone');
    expect(await tab.focus()).to.equal('Phone: session ended');
    await tab.lists('1 session, 1 open tab');
    expect(await tab.page.locator('.session h3').allInnerTexts()).to.have.length(2);
  });

  it('goes dark when it finds no session although it is connected', async () => {
    const { bench, user, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    await user.context.clearCookies();
    // The page asks for the list again, because there is another session.
    await (await ConsolePage.open(await another(), bench.base)).signIn('Ada', 'Phone');
    expect(await tab.dark()).to.equal('It has ended, or this browser has lost its cookie.');
  });

  it('ends all sessions, and its own', async () => {
    const { bench, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('Ada', 'Phone');
    await tab.lists('2 sessions, 2 open tabs');
    await tab.page.evaluate(`
      window.views = [];
      new MutationObserver(() => views.push(document.body.dataset.view)).observe(document.body, { attributes: true })`);
    await tab.press('End all sessions');
    expect(await phone.dark()).to.match(/^All sessions were ended from Chrome on Linux \(tab \w{4}\)\.$/);
    await tab.shows('#sign-in-message:text("All your sessions")');
    expect(await tab.page.evaluate('views'), 'it knows that it did so itself').to.deep.equal(['signed-out']);
    expect(await tab.focus()).to.equal('name');
  });

  it('shows no page of one user to another who signs in in the same browser', async () => {
    const { bench, user, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const other = await ConsolePage.openLive(user.context, bench.base);
    // Another page of the browser, such as one that was open since before.
    await other.page.evaluate(`fetch('/api/sign-in', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': /csrf=([^;]+)/.exec(document.cookie)[1] },
      body: '{"name":"Bob"}',
    })`);
    expect(await tab.dark()).to.equal('Another user has signed in in this browser.');
    await tab.press('Continue as that user');
    await tab.live();
    expect(await tab.page.locator('#who').innerText()).to.equal('Bob');
  });

  it('says how far a sign-out reaches, for as long as somebody looks inside', async () => {
    const tab = await stage().first();
    await tab.page.getByText('Look inside').click();
    await tab.shows('#health dd:text-is("process: only this process, until it ends")');
    expect(await tab.page.locator('#health dt').allInnerTexts()).to.deep.equal(['Guarantee', 'Store']);
    expect(await tab.page.locator('#health dd').last().innerText()).to.match(/^answers in \d+ ms$/);
    await tab.page.route('**/api/health', (route) => route.abort());
    await tab.shows('#health dd:text-is("does not answer")');
  });

  it('is left alone by what happens elsewhere: the focus, a draft, and whom it is for', async () => {
    const { bench, another, first } = stage();
    const tab = await first();
    await tab.signIn('Ada');
    const phone = await ConsolePage.open(await another(), bench.base);
    await phone.signIn('Ada', 'Phone');
    await tab.lists('2 sessions, 2 open tabs');
    await tab.page.getByRole('button', { name: /^Message tab \w+ of Phone$/ }).click();
    await tab.page.keyboard.type('a draft');
    const tablet = await ConsolePage.open(await another(), bench.base);
    await tablet.signIn('Ada', 'Tablet');
    await tab.lists('3 sessions, 3 open tabs');
    expect(await tab.focus()).to.equal('text');
    await tab.page.keyboard.press('Enter');
    await phone.gets('a draft');
    expect(await tablet.notes()).to.deep.equal([]);
    await tab.page.getByRole('button', { name: 'End session: Phone' }).focus();
    await tablet.press('Sign out');
    await tab.lists('2 sessions, 2 open tabs');
    expect(await tab.focus()).to.equal('End session: Phone');
    await phone.press('Sign out');
    await tab.lists('1 session, 1 open tab');
    expect(await tab.focus()).to.equal('devices-title');
  });
});
