import express, { type Response as Answer, type NextFunction, type Request } from 'express';
import type { BrowserContext, Cookie, Frame, Page, Response } from 'playwright-core';
import { activateSessions } from '../../src/adapters/express.js';
import type { CsrfOptions } from '../../src/http/csrf/options.js';
import type { CookieOptions } from '../../src/http/transports/cookie-options.js';
import { CsrfRefused } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { Shop, type ShopSession, type SourceMode } from './shop.js';
import { pageOf, Web } from './web.js';

export const HOST = 'shop.test';

/** What tests with browsers run on: tokens, and a store. */
export const kinds: readonly (readonly [name: string, mode: SourceMode])[] = [
  ['tokens', 'synchronous'],
  ['a store', 'server-side'],
];

export interface WebShopOptions {
  readonly scheme?: 'http' | 'https';
  readonly cookie?: true | string | CookieOptions;
  readonly csrf?: 'token' | CsrfOptions<Request>;
  readonly create?: 'lazy' | 'eager';
  /** Headers of its pages. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A shop of Express, on the sites of a web, with a clock that stands still at the browser's time. */
export class WebShop extends Shop {
  readonly web: Web;

  private constructor(mode: SourceMode, web: Web) {
    super({ mode, clock: new FakeClock(Date.now()) });
    this.web = web;
  }

  static async open(mode: SourceMode, { scheme, headers = {}, cookie = true, csrf, create }: WebShopOptions = {}) {
    const shop = new WebShop(mode, await Web.open(scheme));
    const { sessionStorage } = shop;
    const sessions = activateSessions({ sessionStorage, cookie, csrf, create });
    const app = express();
    app.use((_request: Request, response: Answer, next: NextFunction) => {
      response.set(headers);
      next();
    });
    app.use(sessions, express.urlencoded(), express.json());
    if (csrf === 'token') app.use(sessions.checkCsrf);
    const fieldFor = (request: Request): string =>
      csrf === 'token' ? `<input type="hidden" name="_csrf" value="${sessions.csrfToken(request)}">` : '';
    app.get(['/', '/account'], (request, response) => {
      response.send(shopPage(sessions.of(request), fieldFor(request)));
    });
    app.get('/enter', (request, response) => {
      sessions.of(request).setUser('ada');
      response.redirect('/');
    });
    app.get('/picture', (_request, response) => {
      response.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>');
    });
    app.get('/rotated', (request, response) => {
      response.send(shopPage(sessions.of(request).rotate(), fieldFor(request)));
    });
    app.post('/sign-in', (request, response) => {
      sessions.of(request).setUser('ada');
      response.redirect('/');
    });
    app.post('/sign-out', (request, response) => {
      sessions.of(request).revoke();
      response.redirect('/');
    });
    app.post('/buy', (request, response) => {
      const { sessionData } = sessions.of(request);
      sessionData.count = (sessionData.count ?? 0) + 1;
      response.redirect('/');
    });
    app.use((error: unknown, _request: Request, response: Answer, next: NextFunction) => {
      if (!(error instanceof CsrfRefused)) return next(error);
      response.status(error.status).send(pageOf(`<p id="who">${error.code} ${error.reason}</p>`));
    });
    shop.web.answerWith(app);
    return shop;
  }

  url(path = '/'): string {
    return this.web.url(HOST, path);
  }

  /** Signs Ada in, with one request less than the form does it. */
  async enter(page: Page): Promise<void> {
    await page.goto(this.url('/enter'));
    if ((await who(page)) !== 'ada 0') throw new Error('she is not signed in');
  }

  /** The session that a sid opens, as it is, without touching it. */
  async sessionOf({ value }: Cookie): Promise<ShopSession> {
    return await this.storage.get(value, { touch: false });
  }
}

function shopPage(session: ShopSession, field: string): string {
  const { uid = 'nobody', sessionData } = session;
  const forms = ['sign-in', 'sign-out', 'buy'].map(
    (name) => `<form id="${name}" method="post" action="/${name}">${field}<button>${name}</button></form>`,
  );
  return pageOf(`<p id="who">${uid} ${sessionData.count ?? 0}</p><a id="again" href="/">again</a>${forms.join('')}`);
}

/** What a page, or a frame of it, says of its user. */
export async function who(page: Pick<Page, 'evaluate'>): Promise<string> {
  return await page.evaluate("document.getElementById('who')?.textContent ?? ''");
}

/** What a page says of its user after a form or a link led to it. */
export interface Landing {
  readonly status: number;
  readonly text: string;
}

/** Submits a form of a page, or of a frame, as a click on its button does, and gives the page to which that leads. */
export async function submit(place: Page | Frame, form: string): Promise<Landing> {
  return await landing(place, `document.getElementById('${form}').requestSubmit()`);
}

/** Follows a link. */
export async function follow(place: Page | Frame, link: string): Promise<Landing> {
  return await landing(place, `document.getElementById('${link}').click()`);
}

async function landing(place: Page | Frame, script: string): Promise<Landing> {
  const frame = 'mainFrame' in place ? place.mainFrame() : place;
  const page = frame.page();
  let status = 0;
  const note = (response: Response): void => {
    if (response.request().isNavigationRequest() && response.frame() === frame) status = response.status();
  };
  page.on('response', note);
  try {
    await Promise.all([
      page.waitForEvent('framenavigated', { predicate: (one) => one === frame }),
      frame.evaluate(script),
    ]);
    await frame.waitForLoadState();
  } finally {
    page.off('response', note);
  }
  return { status, text: await who(frame) };
}

/** What is in the jar of a browser. */
export async function jarOf(context: BrowserContext): Promise<Cookie[]> {
  return await context.cookies();
}

/** The only cookie of this name in the jar of a browser. */
export async function cookieOf(context: BrowserContext, name = 'sid'): Promise<Cookie> {
  const [cookie, ...others] = (await context.cookies()).filter((one) => one.name === name);
  if (cookie === undefined || others.length > 0) throw new Error(`not one cookie is named ${name}`);
  return cookie;
}
