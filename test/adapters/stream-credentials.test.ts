import { expect } from 'chai';
import { SessionStorage } from '../../src/index.js';
import { LiveSessions } from '../../src/live/index.js';
import { guardRejections } from '../support/rejections.js';
import { STREAM_FRAMEWORKS, type StreamApp } from '../support/stream-apps.js';
import { overHttp1, type StreamServer } from '../support/stream-client.js';
import { restoreGlobals } from '../support/web-app.js';

const VISIBLE = { 'x-session-instance': 'tab-1', 'x-session-visibility': 'visible' };

for (const { name, build } of STREAM_FRAMEWORKS) {
  describe(`stream(live), and how sessions travel: ${name}`, () => {
    guardRejections();

    let server: StreamServer;
    let live: LiveSessions;
    let sessionStorage: SessionStorage;
    const signedIn = () => sessionStorage.create().setUser('u1').forClient();

    const serving = async (app: Omit<StreamApp, 'source' | 'sessionStorage'>): Promise<void> => {
      sessionStorage = new SessionStorage({ jwtSecret: 's'.repeat(64) });
      live = new LiveSessions({ sessionStorage });
      server = await overHttp1((await build({ ...app, sessionStorage, source: live })).listener);
    };

    afterEach(async () => {
      await live.close();
      server.close();
      restoreGlobals();
    });

    it('opens a stream for a sid in the header, and sends no cookie', async () => {
      await serving({ header: true });
      const answer = await server.ask({ headers: { 'x-session-id': signedIn() } });
      expect(answer.status).to.equal(200);
      expect(answer.headers).not.to.have.any.keys('set-cookie', 'x-session-id');
      answer.leave();
    });

    for (const create of ['lazy', 'never'] as const) {
      it(`answers a first visit with 204 and no credential, with create: '${create}'`, async () => {
        await serving({ create, header: true });
        for (const method of ['GET', 'POST']) {
          const answer = await server.ask({ method, headers: VISIBLE });
          expect(answer.status, method).to.equal(204);
          expect(answer.headers, method).not.to.have.any.keys('set-cookie', 'x-session-id');
          await answer.text();
        }
      });
    }

    it("answers a first visit with 204 and the cookie, with create: 'eager', which opens the stream", async () => {
      await serving({ create: 'eager' });
      const first = await server.ask();
      expect(first.status).to.equal(204);
      const [cookie = ''] = first.headers['set-cookie']?.map((line) => line.replace(/;.*/, '')) ?? [];
      await first.text();
      const answer = await server.ask({ headers: { cookie } });
      expect(answer.status).to.equal(200);
      answer.leave();
    });

    it('takes reports and claims with a CSRF token, or with a sid in the header', async () => {
      await serving({ csrf: 'token', header: true });
      const sid = signedIn();
      const head = await server.ask({ method: 'HEAD', headers: { cookie: `sid=${sid}` } });
      await head.text();
      const [line = ''] = head.headers['set-cookie']?.filter((one) => one.startsWith('csrf=')) ?? [];
      const token = /^csrf=([^;]+)/.exec(line)?.[1] ?? '';
      const [byCookie, byHeader] = [{ cookie: `sid=${sid}` }, { 'x-session-id': sid }];
      const withToken = { cookie: `sid=${sid}; csrf=${token}`, 'x-csrf-token': token };
      const cases = [
        [VISIBLE, 204],
        [{ 'x-session-claim': 'unknown' }, 404],
      ] as const;
      for (const [report, status] of cases) {
        const statuses = [];
        for (const credentials of [byCookie, withToken, byHeader]) {
          const answer = await server.ask({ method: 'POST', headers: { ...credentials, ...report } });
          await answer.text();
          statuses.push(answer.status);
        }
        expect(statuses).to.deep.equal([403, status, status]);
      }
    });
  });
}
