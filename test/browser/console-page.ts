import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A tab that shows the console. */
export class ConsolePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens another tab of a browser. */
  static async open(context: BrowserContext, base: string): Promise<ConsolePage> {
    const page = await context.newPage();
    await page.goto(base);
    return new ConsolePage(page);
  }

  /** Opens a tab of a browser that is signed in, and waits until it is live. */
  static async openLive(context: BrowserContext, base: string): Promise<ConsolePage> {
    const tab = await ConsolePage.open(context, base);
    await tab.live();
    return tab;
  }

  async signIn(name: string, device = ''): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('Device name').fill(device);
    await this.press('Sign in');
    await this.live();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Waits until the page follows its session, and knows its own tab. */
  async live(): Promise<void> {
    await this.shows('.pill.live');
    await this.shows('.tab.current');
  }

  /** Waits until the page lists so many sessions and tabs. */
  async lists(summary: string): Promise<void> {
    await this.shows(`#summary:text-is("${summary}")`);
  }

  /** Waits for the end of the session, and returns what the page says of it. */
  async dark(): Promise<string> {
    await this.shows('body[data-view="ended"]');
    return await this.page.locator('#ended-why').innerText();
  }

  /** Sends a message to whom the form lists under this name. */
  async send(to: string | RegExp, text: string): Promise<void> {
    const options = await this.page.locator('#to option').allInnerTexts();
    const label = options.find((option) => (typeof to === 'string' ? option === to : to.test(option)));
    await this.page.getByLabel('To', { exact: true }).selectOption({ label: label ?? String(to) });
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.press('Send');
    await this.shows('#send-message:text("Sent to ")');
  }

  /** Waits until the newest message is this one. */
  async gets(text: string): Promise<void> {
    await this.shows(`#notes li:first-child p:text-is("${text}")`);
  }

  /** The messages, the newest first. */
  async notes(): Promise<string[]> {
    return await this.page.locator('#notes li p:first-child').allInnerTexts();
  }

  /** What has the focus: its id, or its name, or its text; 'BODY' if nothing has it. */
  async focus(): Promise<string> {
    return await this.page.evaluate<string>(`
      (({ activeElement: element }) =>
        element === null || element === document.body
          ? 'BODY'
          : element.id || element.getAttribute('aria-label') || element.innerText)(document)`);
  }

  /** Waits until such an element is visible. */
  async shows(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor();
  }

  /** That the page is accessible as far as programs can see, and not wider than its window. */
  async expectSound(state: string): Promise<void> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(': '))))`,
    );
    expect(found, state).to.deep.equal([]);
    const excess = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await this.page.evaluate(excess), `${state}: horizontal scroll`).to.equal(0);
  }
}
