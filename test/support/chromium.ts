import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { needed } from './servers/needed.js';
import { findProgram } from './servers/program.js';

/** ms on a machine that does other things too: for starting a browser, for a test, and for one step of it. */
const START = 60_000;
const TEST = 60_000;
const STEP = 20_000;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

const SWITCHES = [
  '--disable-gpu',
  '--disable-quic',
  // One process for the pages of all sites. Which cookies a page has is not decided there, and starting processes takes long.
  '--disable-site-isolation-trials',
  '--renderer-process-limit=1',
  // Every name is this machine, so that there can be several sites.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
  // For a certificate that signs itself. With the option of a context, it would not apply to pages loaded ahead.
  '--ignore-certificate-errors',
];

/** The Chromium that all tests share, in a profile of its own. */
const sharedChromium: (context: Mocha.Context) => Promise<Browser> = needed(async () => {
  const program =
    process.env['CHROMIUM'] || NAMES.map((name) => findProgram(name)).find((found) => found !== undefined);
  if (program === undefined) {
    return 'real browsers: there is no Chromium on this machine: apt-get install chromium, or set CHROMIUM to its path';
  }
  const server = await chromium.launch({
    executablePath: program,
    args: SWITCHES,
    // Users have it, and it decides what Back shows.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    timeout: START,
  });
  return { server, stop: () => server.close() };
});

/** A user of a browser. */
export interface User {
  /** The first tab. */
  readonly page: Page;
  /** The jar, and whatever other tabs there are. */
  readonly context: BrowserContext;
}

/** Opening a context and a tab takes longer than most tests, so that there is one of both. */
let opening: Promise<User> | undefined;

/** A context is like a window of Chromium's incognito mode, which blocks cookies of third parties. */
async function openUser(browser: Browser): Promise<User> {
  const context = await browser.newContext();
  context.setDefaultTimeout(STEP);
  return { context, page: await context.newPage() };
}

/**
 * Gives each test of a suite a browser without cookies and with one tab. Without a Chromium, the suite is not tested, which is
 * said, and in CI fails.
 */
export function useChromium(): () => User {
  let user: User | undefined;

  before(async function () {
    this.timeout(START);
    const browser = await sharedChromium(this);
    opening ??= openUser(browser);
    user = await opening;
  });

  beforeEach(function () {
    this.currentTest?.timeout(TEST);
  });

  afterEach(async () => {
    if (user === undefined) return;
    const { context, page } = user;
    await Promise.all(context.pages().map((one) => one !== page && one.close()));
    await context.clearCookies();
  });

  return () => {
    if (user === undefined) throw new Error('not started');
    return user;
  };
}
