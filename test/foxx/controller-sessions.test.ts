import { expect } from 'chai';
import { z } from 'zod';
import { SessionStorage } from '../../src/storage/token/session-storage.js';
import { errorOf } from '../support/outcomes.js';
import { Client, type Site, secret, site, transports } from './site.js';

/** `POST /count` counts, `GET /count` looks, `GET /idle` does neither, `GET /fail` counts and throws. */
function counting(given: Site): Site {
  const { controller } = given;
  controller.post('/count', ({ session: { sessionData } }, response) => {
    sessionData['count'] = Number(sessionData['count'] ?? 0) + 1;
    response.json(sessionData['count']);
  });
  controller.get('/count', ({ session }, response) => response.json(session?.sessionData['count'] ?? null));
  controller.get('/idle', (_request, response) => response.json('idle'));
  controller.get('/fail', ({ session: { sessionData } }) => {
    sessionData['count'] = Number(sessionData['count'] ?? 0) + 1;
    throw new Error('after counting');
  });
  return given;
}

describe('controller.activateSessions', () => {
  for (const by of transports) {
    for (const declared of ['before', 'after']) {
      it(`keeps a session by ${by} from request to request, for routes declared ${declared} it`, async () => {
        const given = site();
        const { controller, sessionStorage, visit } = given;
        if (declared === 'before') counting(given);
        controller.activateSessions({ sessionStorage, cookie: true, header: true });
        if (declared === 'after') counting(given);
        await visit(async (origin) => {
          const client = new Client(origin, by);
          for (const count of [1, 2, 3]) expect((await client.post('/count')).body).to.equal(count);
          expect((await client.get('/count')).body).to.equal(3);
          expect((await new Client(origin, by).get('/count')).body).to.equal(null);
        });
      });
    }

    it(`sends a new session by ${by} with the first response, though nothing was put in it, and then no more`, async () => {
      const { controller, sessionStorage, visit } = counting(site());
      controller.activateSessions({ sessionStorage, cookie: by === 'cookie', header: by === 'header' });
      await visit(async (origin) => {
        const client = new Client(origin, by);
        const first = await client.get('/idle');
        expect(Object.keys(client.credential)).to.have.length(1);
        expect(first.headers.get('cache-control')).to.equal('private, no-store');
        const second = await client.get('/idle');
        expect(second.headers.getSetCookie()).to.have.length(0);
        expect(second.headers.get('x-session-id')).to.equal(null);
      });
    });

    it(`sends the session by ${by} on error responses too`, async () => {
      const { controller, sessionStorage, visit } = counting(site());
      controller.activateSessions({ sessionStorage, cookie: true, header: true });
      await visit(async (origin) => {
        const client = new Client(origin, by);
        expect((await client.get('/fail')).status).to.equal(500);
        expect((await client.get('/count')).body).to.equal(1);
      });
    });
  }

  it('takes names and options for cookie and header', async () => {
    const { controller, sessionStorage, visit } = counting(site());
    controller.activateSessions({ sessionStorage, cookie: { name: 'crumb', sameSite: 'strict' }, header: 'X-Crumb' });
    await visit(async (origin) => {
      const { headers } = await fetch(`${origin}/idle`);
      expect(headers.getSetCookie()[0]).to.match(/^crumb=ey.*SameSite=Strict/);
      expect(headers.get('x-crumb')).to.match(/^ey/);
    });
  });

  it('takes a sid that opens nothing for no session', async () => {
    const { controller, sessionStorage, visit } = counting(site());
    controller.activateSessions({ sessionStorage, cookie: true });
    await visit(async (origin) => {
      const response = await fetch(`${origin}/count`, { headers: { cookie: 'sid=eyJhbGciOiJub25lIn0.e30.' } });
      expect(response.status).to.equal(200);
      expect(response.headers.getSetCookie()[0]).to.match(/^sid=ey/);
    });
  });

  const announcing: [string, boolean, string | { name?: string; announce?: boolean | undefined } | true][] = [
    ['true', true, true],
    ['a name', true, 'X-Session-Id'],
    ['an object without announce', true, { name: 'X-Session-Id' }],
    ['announce: undefined', true, { announce: undefined }],
    ['announce: false', false, { announce: false }],
  ];
  for (const [what, expected, header] of announcing) {
    it(`next to a cookie, ${expected ? 'announces' : 'does not announce'} a new session in a header given as ${what}`, async () => {
      const { controller, sessionStorage, visit } = counting(site());
      controller.activateSessions({ sessionStorage, cookie: true, header });
      await visit(async (origin) => {
        const { headers } = await fetch(`${origin}/idle`);
        expect(headers.has('x-session-id')).to.equal(expected);
        expect(headers.getSetCookie()).to.have.length(1);
      });
    });
  }

  it('with autoCreateSession false reads sessions and makes none', async () => {
    const { controller, sessionStorage, visit } = counting(site());
    const sessions = controller.activateSessions({ sessionStorage, cookie: true, autoCreateSession: false });
    controller.get('/has', (request, response) => response.json(sessions.of(request) !== undefined));
    const sid = sessionStorage.create({ count: 7 }).forClient();
    await visit(async (origin) => {
      const response = await fetch(`${origin}/has`);
      expect(await response.json()).to.equal(false);
      expect(response.headers.getSetCookie()).to.have.length(0);
      const known = await fetch(`${origin}/count`, { headers: { cookie: `sid=${sid}` } });
      expect(await known.json()).to.equal(7);
    });
  });

  it('gives the session typed by its storage', async () => {
    const { controller, visit } = site();
    const sessionData = z.object({ count: z.number().default(0) });
    const sessionStorage = new SessionStorage({ jwtSecret: secret, sessionData });
    const sessions = controller.activateSessions({ sessionStorage, cookie: true });
    controller.get('/', (request, response) => {
      const count: number = sessions.of(request).sessionData.count;
      response.json(count);
    });
    await visit(async (origin) => expect(await (await fetch(origin)).json()).to.equal(0));
  });

  it('refuses wrong options with a TypeError that names them', async () => {
    const { sessionStorage } = site();
    const wrong: [object | undefined, string][] = [
      [{ sessionStorage }, 'neither cookie nor header is set'],
      [{ sessionStorage, cookie: false, header: false }, 'neither cookie nor header is set'],
      [{ cookie: true }, 'sessionStorage'],
      [undefined, 'sessionStorage'],
      [{ sessionStorage, cookie: true, autoCreateSession: 1 }, 'autoCreateSession'],
      [{ sessionStorage, cookie: true, create: 'lazy' }, '"create"'],
      [{ sessionStorage, cookie: 5 }, 'cookie'],
      [{ sessionStorage, cookie: true, csrf: { origins: ['*'] } }, 'csrf.origins[0]'],
      [{ sessionStorage, header: null }, 'header'],
      [{ sessionStorage, header: { name: 'Authorization' } }, 'header.name'],
      [{ sessionStorage, header: { announce: 'yes' } }, 'header.announce'],
    ];
    for (const [options, name] of wrong) {
      const { controller } = site();
      const error = await errorOf(() => Reflect.apply(controller.activateSessions, controller, [options]));
      expect(error, name).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(name);
    }
  });

  const mistakes: readonly [name: string, cure: RegExp][] = [
    ['create', /use autoCreateSession/],
    ['passive', /sessions-jwt\/express/],
    ['only', /sessions-jwt\/express/],
    ['property', /sessions-jwt\/express/],
    ['type', /sessionStorage decides/],
    ['jwt', /SessionStorage with its jwtSecret/],
    ['cookieSecret', /SessionStorage with its jwtSecret/],
    ['cookieName', /cookie: 'sid'/],
    ['resave', /leave it out/],
    ['jwtSecret', /new SessionStorage\(\{ jwtSecret \}\)/],
  ];
  for (const [name, cure] of mistakes) {
    it(`says what to do instead of ${name}`, async () => {
      const { controller, sessionStorage } = site();
      const options = { sessionStorage, cookie: true, [name]: true };
      const { message } = await errorOf(() => Reflect.apply(controller.activateSessions, controller, [options]));
      expect(message)
        .to.match(new RegExp(`^controller\\.activateSessions: unknown option "${name}": `))
        .and.match(cure);
    });
  }

  it('says what to do with a storage given in place of options', async () => {
    const { controller, sessionStorage } = site();
    const { message } = await errorOf(() => Reflect.apply(controller.activateSessions, controller, [sessionStorage]));
    expect(message).to.equal(
      'controller.activateSessions: expected an object of options, got an instance of SessionStorage: pass it as an option, { sessionStorage }',
    );
  });

  it('refuses to be called twice', async () => {
    const { controller, sessionStorage } = site();
    controller.activateSessions({ sessionStorage, cookie: true });
    const error = await errorOf(() => controller.activateSessions({ sessionStorage, header: true }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.contain('called already; one call is for all routes');
  });
});
