import { expect } from 'chai';
import sinon from 'sinon';
import { MemoryStore, ServerSessionStorage } from '../../src/index.js';
import { MemoryBus } from '../../src/live/memory-bus.js';
import { type WeaveOptions, weaveSessions } from '../../src/weave/index.js';
import { guardProcess } from '../support/deferred-head.js';
import { sharedBus } from '../support/live-streams.js';
import { CSRF_SECRET, JWT_SECRET, WeavePage } from '../support/weave-page.js';
import { type WeaveHandler, type WeaveSite, weaveSite } from '../support/weave-site.js';

const secrets = { csrfSecret: CSRF_SECRET, jwtSecret: JWT_SECRET };
const handlers: Readonly<Record<string, WeaveHandler>> = {
  touch: () => undefined,
  one: async (tab) => await tab.pushHtml('<p id="one"></p>'),
  all: async (tab) => {
    await tab.broadcastHtml('<p id="all"></p>');
    await tab.broadcastPath('/all');
    await tab.broadcastReload();
  },
  outside: async (tab) => await tab.pushPath('https://other.example/'),
  end: (tab) => tab.session.revoke(),
};

describe("the requests of Weave's sessions", () => {
  guardProcess();
  const sites: WeaveSite[] = [];

  const open = async (options: Omit<WeaveOptions, 'sessionStorage'> = {}): Promise<WeaveSite> => {
    const site = await weaveSite(weaveSessions({ ...secrets, ...options }), handlers);
    sites.push(site);
    return site;
  };

  afterEach(async () => {
    for (const { weave } of sites.splice(0)) await weave.live.close();
  });

  it('set the sid, which scripts cannot read, and the CSRF token, which they can, at the first visit', async () => {
    const { port } = await open();
    const { headers } = await new WeavePage(port).browser.ask('/');
    const [sid = '', csrf = '', ...others] = [...(headers['set-cookie'] ?? [])].sort().reverse();
    expect(others).to.deep.equal([]);
    expect(sid).to.match(/^weave-sid=[\w-]{24}; .*HttpOnly; SameSite=Lax/);
    expect(csrf)
      .to.match(/^weave-csrf=[\w-]+\.[\w-]+; /)
      .and.not.to.match(/HttpOnly/i);
  });

  it('are refused with 403 without a good token, whatever is wrong with it', async () => {
    const { port } = await open();
    const page = new WeavePage(port);
    const stranger = new WeavePage(port);
    await Promise.all([page.load(), stranger.load()]);
    const good = await page.browser.cookie('weave-csrf');
    const [mac = '', random = ''] = good.split('.');
    const bad = ['', 'x', mac, `${mac}.`, `.${random}`, `${mac.slice(1)}.${random}`, `${good}A`, `${random}.${mac}`];
    for (const token of [...bad, await stranger.browser.cookie('weave-csrf')]) {
      expect((await page.post('/h/touch', { 'x-csrf-token': token })).status, token).to.equal(403);
    }
    expect((await page.call('touch')).status).to.equal(204);
  });

  it('reach one tab, or all of them', async () => {
    const { port } = await open();
    const page = new WeavePage(port);
    await page.load();
    const other = page.duplicate();
    const [mine, theirs] = [await page.connect(), await other.connect()];
    await Promise.all([mine.next(), theirs.next()]);
    await page.call('one');
    await page.call('all');
    expect((await mine.next())?.data).to.deep.equal({ html: '<p id="one"></p>' });
    for (const stream of [mine, theirs]) {
      expect((await stream.next())?.data).to.deep.equal({ html: '<p id="all"></p>' });
      expect((await stream.next())?.data).to.deep.equal({ path: '/all' });
      expect((await stream.next())?.type).to.equal('reload');
      stream.leave();
    }
  });

  it('are told what is wrong with a push: no tab, or another origin', async () => {
    const { port } = await open();
    const page = new WeavePage(port);
    await page.load();
    const unnamed = await page.post('/h/one', { 'x-session-instance': '' });
    expect(unnamed.status).to.equal(500);
    expect(unnamed.text).to.match(/^TypeError: pushHtml: .*X-Session-Instance/);
    expect((await page.call('outside')).text).to.match(/^TypeError: path: /);
  });

  it('are the activity of their tab, which outlives its stream', async () => {
    const { port, weave } = await open();
    const page = new WeavePage(port);
    await page.load();
    const stream = await page.connect();
    await stream.next();
    const from = Date.now();
    await page.call('touch');
    const [id = ''] = Object.keys(await weave.sessionActivities());
    stream.leave();
    const at = await weave.lastActivity(id, page.instance);
    expect(at).to.be.within(from, Date.now());
    expect(await weave.sessionActivity(id)).to.deep.equal({ [page.instance]: at });
    expect(await weave.sessionActivities(id)).to.deep.equal({ [page.instance]: at });
    expect(await weave.sessionActivities()).to.deep.equal({ [id]: { [page.instance]: at } });
    expect(await weave.lastActivity(id, 'unknown')).to.equal(undefined);
  });

  it('reach the tabs of other processes, and share their activity', async () => {
    const [store, bus] = [new MemoryStore(), sharedBus(new MemoryBus())];
    const ports: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      const sessionStorage = new ServerSessionStorage({ store, sweepInterval: null });
      const site = await weaveSite(weaveSessions({ ...secrets, sessionStorage, live: { bus } }), handlers);
      sites.push(site);
      ports.push(site.port);
    }
    const [first = 0, second = 0] = ports;
    const page = new WeavePage(first);
    await page.load();
    const stream = await page.connect();
    await stream.next();
    const elsewhere = new WeavePage(second, page.browser);
    const cookie = await page.browser.jar.getCookieString(`http://127.0.0.1:${first}/`);
    expect(cookie).to.include('weave-sid=');
    const answer = await fetch(`http://127.0.0.1:${second}/h/all`, {
      method: 'POST',
      headers: {
        cookie,
        'x-csrf-token': await page.browser.cookie('weave-csrf'),
        'x-session-instance': elsewhere.instance,
      },
    });
    expect(answer.status).to.equal(204);
    expect((await stream.next())?.data).to.deep.equal({ html: '<p id="all"></p>' });
    await sites[1]?.weave.live.close();
    const [tabs = {}] = Object.values((await sites[0]?.weave.sessionActivities()) ?? {});
    expect(tabs).to.have.property(elsewhere.instance);
    stream.leave();
  });

  it('end the stream when the session ends; the next one is answered 204', async () => {
    const { port } = await open();
    const page = new WeavePage(port);
    await page.load();
    const ended = new WeavePage(port);
    await ended.browser.plant(`weave-sid=${await page.browser.cookie('weave-sid')}; Path=/`);
    const stream = await page.connect();
    await stream.next();
    await page.call('end');
    expect((await stream.next())?.type).to.equal('end');
    expect(await stream.next()).to.equal(undefined);
    expect(await ended.refused()).to.equal(204);
  });

  it('resume a stream after the last event, send heartbeats, and have limits', async () => {
    const { port } = await open({ live: { heartbeat: 20, limits: { perSession: 1 } } });
    const page = new WeavePage(port);
    await page.load();
    const before = await page.connect();
    const first = await before.next();
    expect(await page.duplicate().refused()).to.equal(429);
    before.leave();
    await page.call('one');
    const after = await page.connect(first?.id);
    expect((await after.next())?.data).to.include({ instance: page.instance, replayed: true });
    expect((await after.next())?.data).to.deep.equal({ html: '<p id="one"></p>' });
    expect(await after.comment()).to.equal('');
    after.leave();
  });
});

describe('weaveSessions', () => {
  afterEach(() => sinon.restore());

  const warnings = (options: WeaveOptions): string[] => {
    const emitWarning = sinon.stub(process, 'emitWarning');
    weaveSessions(options);
    emitWarning.restore();
    return emitWarning.args.map(([text, details]) => `${Reflect.get(Object(details), 'code')} ${String(text)}`);
  };

  it('makes random secrets for those that are missing, with one warning that names them', () => {
    expect(warnings({})).to.have.lengthOf(1);
    expect(warnings({})[0]).to.match(/^SESSIONS_RANDOM_SECRET weaveSessions: csrfSecret and jwtSecret of this process/);
    expect(warnings({ jwtSecret: JWT_SECRET })[0]).to.match(/: csrfSecret of this process/);
    expect(warnings(secrets)).to.deep.equal([]);
    sinon.stub(process, 'emitWarning');
    const [one, two] = [weaveSessions(), weaveSessions()];
    expect(one.options.csrf.secret).not.to.deep.equal(two.options.csrf.secret);
    expect(one.options.identity.jwtSecret).not.to.deep.equal(two.options.identity.jwtSecret);
  });

  it('takes other names of the cookies, and cookies over TLS only', async () => {
    const cookies = { sid: '__Host-s', csrf: '__Host-c', auth: '__Host-a' };
    const sessionStorage = new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null });
    const weave = weaveSessions({ ...secrets, sessionStorage, secure: true, cookies });
    expect(weave.options.cookie).to.deep.equal({ name: '__Host-s', secure: true });
    const session = await sessionStorage.create();
    expect(weave.of({ session, headers: {} }).signIn({ name: 'Ada' })).to.match(/^__Host-a=.*; Secure/);
  });

  it('names the option that is wrong, and its cure', () => {
    for (const [options, message] of [
      [{ secret: 'x' }, /"secret".*csrfSecret/],
      [{ csrfSecret: '' }, /option csrfSecret: must have 32 bytes or more: create one with npx sessions-jwt secret$/],
      [{ csrfSecret: 'é'.repeat(15) }, /option csrfSecret: must have 32 bytes/],
      [{ csrfSecret: new Uint8Array(31) }, /option csrfSecret: must have 32 bytes/],
      [{ csrfSecret: 1 }, /option csrfSecret: expected a string or bytes, got a number$/],
      [{ jwtSecret: 1 }, /option jwtSecret: expected a string or bytes, got a number$/],
      [{ jwtSecret: '' }, /option jwtSecret: must not be empty: create one with npx sessions-jwt secret$/],
      [{ cookies: { sid: '' } }, /option cookies\.sid/],
      [{ cookies: { id: 'x' } }, /cookies\.id/],
      [{ secure: 'yes' }, /option secure/],
      [{ live: 1 }, /option live/],
      [{ store: new MemoryStore() }, /new ServerSessionStorage/],
      [{ sessionStorage: new MemoryStore() }, /option sessionStorage/],
    ] as const) {
      expect(() => Reflect.apply(weaveSessions, undefined, [{ ...secrets, ...options }])).to.throw(TypeError, message);
    }
  });

  it('takes a CSRF secret of 32 bytes, and refuses what is no object of options', () => {
    expect(() => weaveSessions({ ...secrets, csrfSecret: 'é'.repeat(16) })).not.to.throw();
    for (const [options, kind] of [
      [null, 'null'],
      ['x', 'a string'],
    ] as const) {
      expect(() => Reflect.apply(weaveSessions, undefined, [options])).to.throw(
        TypeError,
        `weaveSessions: expected an object of options, got ${kind}`,
      );
    }
  });

  it('needs a request with a session, and an identity with a name', async () => {
    const sessionStorage = new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null });
    const weave = weaveSessions({ ...secrets, sessionStorage });
    expect(() => weave.of({ session: undefined, headers: {} })).to.throw(
      TypeError,
      /activateSessions\(weave\.options\)/,
    );
    for (const request of [undefined, null, 'request']) {
      expect(() => Reflect.apply(weave.of, weave, [request])).to.throw(
        TypeError,
        /^weave\.of: expected a request with/,
      );
    }
    const session = await sessionStorage.create();
    expect(() => Reflect.apply(weave.of, weave, [{ session }])).to.throw(
      TypeError,
      'weave.of: expected the headers of the request, got undefined: pass the request, or { session, headers }',
    );
    const tab = weave.of({ session, headers: new Headers({ 'x-session-instance': 'one' }) });
    expect(tab.instance).to.equal('one');
    for (const identity of [undefined, {}, { name: '' }, { name: 1 }, 'Ada']) {
      expect(() => Reflect.apply(tab.signIn, tab, [identity])).to.throw(TypeError, /identity with a name/);
    }
    for (const uid of [{}, null, false, '', 1.5]) {
      expect(() => Reflect.apply(tab.signIn, tab, [{ name: 'Ada', uid }])).to.throw(TypeError, /^a user's id must be/);
    }
    expect(tab.identity).to.equal(undefined);
    tab.signIn({ uid: 7, name: 'Ada' });
    expect(tab.identity).to.deep.equal({ uid: '7', name: 'Ada', authenticated: true });
  });
});
