import { expect } from 'chai';
import type { Frame, Page } from 'playwright-core';
import { useChromium } from '../support/chromium.js';
import { closesWebs } from '../support/web.js';
import { jarOf, kinds, submit, WebShop, who } from '../support/web-shop.js';

const PARTITIONED = { name: '__Host-sid', sameSite: 'none', partitioned: true } as const;

/** Opens a page of another site that contains the shop in a frame. */
async function embed(page: Page, shop: WebShop, host: string): Promise<Frame> {
  await page.goto(shop.web.put(host, `<iframe src="${shop.url()}"></iframe>`));
  const [, frame] = page.frames();
  if (frame === undefined) throw new Error('the page has no frame');
  return frame;
}

for (const [kind, mode] of kinds) {
  describe(`Chromium and frames of other sites, with sessions in ${kind}`, () => {
    const user = useChromium();
    closesWebs();

    it('keeps a partitioned session for each site that contains the frame', async () => {
      const shop = await WebShop.open(mode, { scheme: 'https', cookie: PARTITIONED });
      const { page, context } = user();
      await shop.enter(page);

      const frame = await embed(page, shop, 'a.test');
      expect(await who(frame), 'not that of the page itself').to.equal('nobody 0');
      expect((await submit(frame, 'buy')).text).to.equal('nobody 1');
      expect(await who(await embed(page, shop, 'b.test')), 'not that under another site').to.equal('nobody 0');
      expect(await who(await embed(page, shop, 'a.test'))).to.equal('nobody 1');

      const jar = (await jarOf(context)).map(({ name, partitionKey }) => [name, partitionKey]);
      expect(jar).to.have.deep.members([
        ['__Host-sid', 'https://shop.test'],
        ['__Host-sid', 'https://a.test'],
      ]);
    });
  });
}

describe('Chromium and frames of other sites, with a session cookie that is not partitioned', () => {
  const user = useChromium();
  closesWebs();

  it('keeps no session in the frame, because it blocks cookies of third parties', async () => {
    const shop = await WebShop.open('synchronous', { scheme: 'https', cookie: { sameSite: 'none' } });
    const { page } = user();
    await shop.enter(page);
    const frame = await embed(page, shop, 'a.test');
    expect(await submit(frame, 'buy')).to.deep.equal({ status: 200, text: 'nobody 0' });
    await page.goto(shop.url());
    expect(await who(page)).to.equal('ada 0');
  });
});
