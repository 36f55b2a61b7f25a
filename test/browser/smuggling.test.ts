import { expect } from 'chai';
import { dataOf, frame } from '../../src/live/wire.js';
import { useChromium } from '../support/chromium.js';
import { everyCodePoint, HOSTILE } from '../support/hostile-text.js';
import { closesWebs, Web } from '../support/web.js';

const TYPES = ['open', 'message', 'html', 'path', 'reload', 'cookie', 'missed', 'end', 'reconnect'];

describe('An EventSource of Chromium', () => {
  const user = useChromium();
  closesWebs();

  it('gets what was sent, and nothing that is smuggled into it (row 49)', async () => {
    const texts = [...HOSTILE, ...everyCodePoint()];
    const web = await Web.open();
    web.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (const [at, text] of texts.entries()) {
        response.write(
          frame('message', dataOf({ type: 'message', data: { name: text, data: text } }), { id: `${at}` }),
        );
      }
      response.write(frame('reload', dataOf({ type: 'reload', data: {} })));
    });
    const { page } = user();
    await page.goto(web.put('live.test', ''));
    const received = await page.evaluate(async (types) => {
      const source = new EventSource('/live');
      const events: unknown[] = [];
      await new Promise((resolve) => {
        for (const type of types) {
          source.addEventListener(type, (event) => {
            if (!(event instanceof MessageEvent)) return;
            // The data as text: lone surrogates are escaped in it.
            events.push([type, event.data]);
            if (type === 'reload') resolve(undefined);
          });
        }
      });
      source.close();
      return events;
    }, TYPES);
    const sent = texts.map((text) => ['message', JSON.stringify({ name: text, data: text })]);
    expect(received).to.deep.equal([...sent, ['reload', '{}']]);
  });
});
