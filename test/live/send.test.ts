import { expect } from 'chai';
import { cookie, html, type LiveEvent, type LiveTarget, message, path, reload } from '../../src/live/index.js';
import { type LiveProcess, processOf, STORAGES } from '../support/live-streams.js';
import { errorOf } from '../support/outcomes.js';

describe('live.send', () => {
  let process: LiveProcess;
  let sid: string;

  beforeEach(async () => {
    const [, storageOf] = STORAGES[0] ?? expect.fail('no storage');
    process = processOf(storageOf());
    sid = await process.signIn();
  });

  afterEach(() => process.live.close());

  const EVENTS: readonly (readonly [LiveEvent, string, unknown])[] = [
    [html('<p id="a">\r\ntwo lines</p>'), 'html', { html: '<p id="a">\r\ntwo lines</p>' }],
    [path('/sign-in?from=home#top'), 'path', { path: '/sign-in?from=home#top' }],
    [reload(), 'reload', {}],
    [message('chat', { text: 'hi', at: 5 }), 'message', { name: 'chat', data: { text: 'hi', at: 5 } }],
    [message('chat'), 'message', { name: 'chat', data: null }],
  ];

  for (const [event, type, data] of EVENTS) {
    it(`sends ${JSON.stringify(event)} as the client is to get it`, async () => {
      const tab = await process.ask(sid);
      await process.live.send({ uid: 'ann' }, event);
      expect(tab.events[1]).to.deep.include({ type, data });
    });
  }

  it('reaches a session, one of its tabs, a user, or every stream', async () => {
    const [bob, otherOfAnn] = [await process.signIn('bob'), await process.signIn('ann')];
    const tabs = [
      await process.ask(sid, { instance: 'one' }),
      await process.ask(sid, { instance: 'two' }),
      await process.ask(otherOfAnn),
      await process.ask(bob),
    ];
    const session = await process.storage.get(sid);
    const { id, lineage } = session;
    const reached = async (target: LiveTarget): Promise<boolean[]> => {
      const before = tabs.map(({ types }) => types.length);
      await process.live.send(target, reload());
      return tabs.map(({ types }, n) => types.length > (before[n] ?? 0));
    };
    expect(await reached(session)).to.deep.equal([true, true, false, false]);
    expect(await reached({ id, lineage })).to.deep.equal([true, true, false, false]);
    expect(await reached({ id })).to.deep.equal([true, true, false, false]);
    expect(await reached({ id, instance: 'two' })).to.deep.equal([false, true, false, false]);
    expect(await reached({ uid: 'ann' })).to.deep.equal([true, true, true, false]);
    expect(await reached('everyone')).to.deep.equal([true, true, true, true]);
    expect(await reached({ id: 'unknown' })).to.deep.equal([false, false, false, false]);
  });

  it('refuses targets and events that are none with a TypeError', async () => {
    const wrongTargets = [
      undefined,
      null,
      {},
      'ann',
      { uid: '' },
      { uid: {} },
      { lineage: 'l' },
      { id: 'i', instance: 'a b' },
    ];
    for (const target of wrongTargets) {
      const sending = errorOf(() => Reflect.apply(process.live.send, process.live, [target, reload()]));
      expect(await sending, String(target)).to.be.instanceOf(TypeError);
    }
    for (const event of [
      undefined,
      null,
      'reload',
      {},
      { type: 'open' },
      { type: 'html' },
      { type: 'path', path: '//x' },
    ]) {
      const sending = errorOf(() => Reflect.apply(process.live.send, process.live, ['everyone', event]));
      expect(await sending, JSON.stringify(event)).to.be.instanceOf(TypeError);
    }
  });

  it('refuses a malformed id or lineage with a TypeError, and takes one that is unknown', async () => {
    const malformed = ['', 'a\nb', 'a\r', 'a\u0000', 'a\u2028b', '\ud800', 'x'.repeat(256)];
    for (const name of malformed) {
      for (const target of [{ id: name }, { id: 'id', lineage: name }, { id: name, lineage: 'lineage' }]) {
        const error = await errorOf(() => process.live.send(target, reload()));
        expect(error, JSON.stringify(target)).to.be.instanceOf(TypeError);
      }
    }
    for (const name of ['x'.repeat(255), 'urn:issuer/é 1']) {
      await process.live.send({ id: name }, reload());
      await process.live.send({ id: 'id', lineage: name }, reload());
    }
  });

  it('takes no message with a name of the events of the client', async () => {
    expect(() => message('session:end', 1)).to.throw(TypeError, 'choose another name');
    const event: LiveEvent = { type: 'message', name: 'session:end', data: 1 };
    expect(await errorOf(() => process.live.send('everyone', event))).to.be.instanceOf(TypeError);
    expect(message('session', 1)).to.deep.equal({ type: 'message', name: 'session', data: 1 });
  });

  it('takes no path that leads to another origin', () => {
    for (const wrong of [
      '',
      'x',
      '//evil.example',
      '/\\evil.example',
      '\\/evil.example',
      '/\t/evil.example',
      'https://x',
      'javascript:alert(1)',
      ' /x',
    ]) {
      expect(() => path(wrong), JSON.stringify(wrong)).to.throw(TypeError);
    }
  });

  it('takes no data that JSON would change', () => {
    for (const wrong of [Number.NaN, new Date(), 1n, [undefined], () => 1]) {
      expect(() => message('x', wrong))
        .to.throw(Error)
        .with.property('code', 'ERR_SESSION_DATA_INVALID');
    }
    expect(() => message('')).to.throw(TypeError);
  });

  describe('of a cookie', () => {
    const LINE = 'auth=abc; Path=/; HttpOnly; Secure; SameSite=Lax';

    const claimOf = async (): Promise<{ claim: string; tab: Awaited<ReturnType<LiveProcess['ask']>> }> => {
      const tab = await process.ask(sid);
      await process.live.send(await process.storage.get(sid), cookie(LINE));
      return { claim: String(Reflect.get(Object(tab.last), 'claim')), tab };
    };
    const redeem = (by: string, claim: string) =>
      process.ask(by, { method: 'POST', headers: { 'x-session-claim': claim } });

    it('carries only a claim, which the session gets the cookie for, once', async () => {
      const { claim, tab } = await claimOf();
      expect(tab.types).to.deep.equal(['open', 'cookie']);
      expect(tab.text).not.to.include('abc');
      const answer = await redeem(sid, claim);
      expect([answer.status, answer.head?.headers['set-cookie']]).to.deep.equal([204, LINE]);
      expect((await redeem(sid, claim)).status).to.equal(404);
    });

    it('gives another session nothing, and does not use the claim up', async () => {
      const { claim } = await claimOf();
      const thief = await redeem(await process.signIn('bob'), claim);
      expect([thief.status, thief.head?.headers['set-cookie']]).to.deep.equal([404, undefined]);
      expect((await redeem(sid, claim)).status).to.equal(204);
    });

    it('refuses a malformed claim, more than one cookie, and other targets than one session', async () => {
      for (const claim of ['', 'x', 'x'.repeat(1_000_000), `${'x'.repeat(42)}\u0000`]) {
        expect((await redeem(sid, claim)).status).to.equal(404);
      }
      for (const wrong of ['', 'x', 'a=b\r\nSet-Cookie: c=d', 'a=b\u0000', 'ä=b', '=b', `a=${'x'.repeat(9_000)}`]) {
        expect(() => cookie(wrong), JSON.stringify(wrong)).to.throw(TypeError);
      }
      for (const target of ['everyone', { uid: 'ann' }] as const) {
        expect(await errorOf(() => process.live.send(target, cookie(LINE)))).to.be.instanceOf(TypeError);
      }
    });
  });
});
