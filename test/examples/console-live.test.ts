import { expect } from 'chai';
import sinon from 'sinon';
import { z } from 'zod';
import { Changes } from '../../examples/console/changes.js';
import { ConsoleBench, MINUTE } from './console-bench.js';
import { ConsoleClient } from './console-client.js';

const overview = z.strictObject({
  now: z.number(),
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      lineage: z.string(),
      created: z.number(),
      expires: z.number(),
      isCurrent: z.boolean(),
      lifetime: z.number(),
      name: z.string(),
      client: z.string(),
      lastActivity: z.number(),
      tabs: z.array(
        z.strictObject({ instance: z.string(), name: z.string(), lastActivity: z.number(), isVisible: z.boolean() }),
      ),
    }),
  ),
  activity: z.strictObject({ step: z.number(), bars: z.array(z.tuple([z.number(), z.number()])) }),
});

const LOOK = { 'X-Session-Passive': '1' };

async function look(client: ConsoleClient): Promise<z.output<typeof overview>> {
  const { text } = await client.send('GET', '/api/overview', undefined, LOOK);
  return overview.parse(JSON.parse(text));
}

/** Follows a session as a tab with this id does. Call `close` in the end. */
async function openTab(base: string, client: ConsoleClient, instance: string) {
  const ending = new AbortController();
  const { signal } = ending;
  const headers = { 'X-Session-Id': client.sid, Accept: 'text/event-stream' };
  const { body } = await fetch(`${base}/live?instance=${instance}`, { headers, signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** Reads until this is there. */
  const until = async (part: string): Promise<string> => {
    while (!text.includes(part)) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done) throw new Error(`the stream ended without ${part}: ${text}`);
      text += value;
    }
    return text;
  };
  await until('event: open');
  return { until, close: () => ending.abort() };
}

for (const kind of ['server', 'tokens'] as const) {
  describe(`examples/console: live, with ${kind === 'tokens' ? 'tokens' : 'server-side sessions'}`, () => {
    let bench: ConsoleBench;
    let laptop: ConsoleClient;
    let phone: ConsoleClient;

    beforeEach(async () => {
      bench = new ConsoleBench(kind);
      await bench.start();
      [laptop, phone] = [new ConsoleClient(bench.base, 'header'), new ConsoleClient(bench.base, 'header')];
      await laptop.signIn('Ada', { device: 'Laptop' });
      bench.now += 1_000;
      await phone.signIn('Ada');
    });

    afterEach(() => bench.stop());

    it('names the sessions that it can list, and their open tabs', async () => {
      const tab = await openTab(bench.base, laptop, 'ab-cdef');
      bench.now += 5_000;
      const headers = { 'X-Session-Instance': 'ab-cdef' };
      await laptop.send('GET', '/api/session', undefined, headers);
      const { sessions, now } = await look(laptop);
      const own = sessions.find(({ isCurrent }) => isCurrent);
      const active = { instance: 'ab-cdef', name: 'tab ABCD', lastActivity: bench.now, isVisible: true };
      expect(own).to.deep.include({ name: 'Laptop', client: 'unknown', lastActivity: now, tabs: [active] });
      expect(own).to.include({ expires: now + 30 * MINUTE, lifetime: 30 * MINUTE });
      const names = sessions.map(({ name }) => name).sort();
      expect(names).to.deep.equal(kind === 'tokens' ? ['Laptop'] : ['Laptop', 'unknown']);
      tab.close();
    });

    it('is no activity to look, and counts requests that are', async () => {
      const start = bench.now - (bench.now % 30_000);
      const before = await look(laptop);
      bench.now += 10 * MINUTE;
      await laptop.session();
      const { activity, sessions } = await look(laptop);
      await look(laptop);
      expect(activity.step).to.equal(30_000);
      expect(activity.bars, 'the chart has 10 minutes').to.deep.equal([[start + 10 * MINUTE, 1]]);
      expect(before.activity.bars[0]?.[0]).to.equal(start);
      bench.now += 20 * MINUTE;
      const later = await look(laptop);
      expect(later.sessions.find(({ isCurrent }) => isCurrent)?.expires).to.equal(
        sessions.find(({ isCurrent }) => isCurrent)?.expires,
      );
    });

    it('does not make pages look because one of them looks', async () => {
      const tab = await openTab(bench.base, laptop, 'one');
      const tell = sinon.spy(Changes.prototype, 'tell');
      try {
        await look(phone);
        await phone.send('PUT', '/api/data', { cart: ['tea'] });
        await tab.until('"name":"changed"');
        expect(tell.args).to.deep.equal([['ada']]);
      } finally {
        tell.restore();
        tab.close();
      }
    });

    it('says why a stream ends, and where that was done', async () => {
      const tab = await openTab(bench.base, laptop, 'one');
      await phone.send('POST', '/api/sign-out-others', {}, { 'X-Session-Instance': 'feed-1' });
      const text = await tab.until('event: end');
      expect(text).to.contain('{"reason":"all other sessions were ended from unknown (tab FEED)"}');
    });

    it('tells the tabs of a user what has changed', async () => {
      const tab = await openTab(bench.base, laptop, 'one');
      await phone.send('PUT', '/api/data', { cart: ['tea'] });
      await tab.until('"name":"changed","data":{"presentUsers":1}');
      tab.close();
    });

    it('sends messages to tabs, sessions and users', async () => {
      const [tab, other] = [await openTab(bench.base, laptop, 'one'), await openTab(bench.base, laptop, 'two')];
      const lineage = (await laptop.session())?.lineage;
      for (const body of [
        { to: 'tab', lineage, instance: 'two', text: 'first' },
        { to: 'session', lineage, text: 'second' },
        { to: 'user', name: 'ADA', text: 'third' },
        { to: 'user', text: 'fourth' },
      ]) {
        expect((await laptop.send('POST', '/api/messages', body)).status).to.equal(204);
      }
      const [got, all] = [await tab.until('fourth'), await other.until('fourth')];
      expect(got).not.to.contain('"first"');
      expect(got).to.contain('"second"').and.contain('"third"');
      expect(all).to.contain('"first"').and.contain('"second"');
      expect(got).to.contain('"from":{"name":"Ada","place":"Laptop"}');
      for (const one of [tab, other]) one.close();
    });

    it('refuses messages to tabs of somebody else, and what is no message', async () => {
      const eve = new ConsoleClient(bench.base, 'header');
      await eve.signIn('Eve');
      const lineage = (await laptop.session())?.lineage;
      const send = sinon.spy(bench.live, 'send');
      for (const [body, status] of [
        [{ to: 'session', lineage, text: 'hello' }, 404],
        [{ to: 'tab', lineage, instance: 'one', text: 'hello' }, 404],
        [{ to: 'tab', lineage, instance: 'no id', text: 'hello' }, 400],
        [{ to: 'everyone', text: 'hello' }, 400],
        [{ to: 'user', text: ' ' }, 400],
        [{ to: 'user', text: 'a\nb' }, 400],
        [{ to: 'user', text: 'x'.repeat(201) }, 400],
      ] as const) {
        expect((await eve.send('POST', '/api/messages', body)).status, JSON.stringify(body)).to.equal(status);
      }
      expect(send.args.filter(([, event]) => event.type === 'message' && event.name === 'note')).to.deep.equal([]);
    });
  });
}
