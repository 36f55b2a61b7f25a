import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { ConsoleBench, type Kind } from '../examples/console-bench.js';
import { type User, useChromium } from '../support/chromium.js';
import { ConsolePage } from './console-page.js';

/** The console, and browsers that use it. */
export interface ConsoleStage {
  readonly bench: ConsoleBench;
  /** The first browser. */
  readonly user: User;
  /** Another browser, which is another device. */
  another(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** The first tab of the first browser, on the page of the console. */
  first(): Promise<ConsolePage>;
}

/** Gives each test of a suite a console without sessions. */
export function useConsole(kind: Kind = 'server'): () => ConsoleStage {
  const user = useChromium();
  const others: BrowserContext[] = [];
  let bench = new ConsoleBench(kind);

  beforeEach(async () => {
    bench = new ConsoleBench(kind);
    await bench.start();
  });

  afterEach(async () => {
    await Promise.all(others.splice(0).map((context) => context.close()));
    await user().page.goto('about:blank');
    await bench.stop();
  });

  return () => ({
    bench,
    user: user(),
    async another(options) {
      const context = await user().context.browser()?.newContext(options);
      if (context === undefined) throw new Error('the browser is gone');
      others.push(context);
      return context;
    },
    async first() {
      const { page } = user();
      await page.goto(bench.base);
      return new ConsolePage(page);
    },
  });
}
