import { expect } from 'chai';
import type { DestroySessionOptions } from '../../src/foxx/sign-out.js';
import { errorOf } from '../support/outcomes.js';
import { Client, type Site, site, transports } from './site.js';

function signingOut(options?: DestroySessionOptions): Site {
  const given = site();
  const { controller, sessionStorage } = given;
  controller.activateSessions({ sessionStorage, cookie: true, header: true });
  controller.post('/sign-in', ({ session }, response) => response.json(session.setUser('u1').uid));
  controller.get('/me', ({ session }, response) => response.json(session.uid ?? null));
  controller.destroySession('/sign-out', options);
  return given;
}

async function signedIn(origin: string, by: 'cookie' | 'header' = 'cookie'): Promise<Client> {
  const client = new Client(origin, by);
  await client.post('/sign-in');
  return client;
}

describe('controller.destroySession', () => {
  for (const by of transports) {
    it(`signs out by ${by}: the client forgets its sid, and a copy of it opens nothing`, async () => {
      await signingOut().visit(async (origin) => {
        const client = await signedIn(origin, by);
        const copy = client.credential;
        expect((await client.send('GET', '/me', undefined, copy)).body).to.equal('u1');
        const { status, body } = await client.post('/sign-out');
        expect({ status, body }).to.deep.equal({ status: 200, body: { message: 'logged out' } });
        expect(client.credential).to.deep.equal({});
        expect((await client.send('GET', '/me', undefined, copy)).body).to.equal(null);
      });
    });
  }

  it('calls before with the session whole, then after with it revoked', async () => {
    const seen: unknown[] = [];
    const options: DestroySessionOptions = {
      before: async ({ session }) => {
        await null;
        seen.push(['before', session.uid, session.isEnded]);
      },
      after: async ({ session }, response) => {
        seen.push(['after', session.uid, session.isEnded]);
        response.status(202).json('bye');
      },
    };
    await signingOut(options).visit(async (origin) => {
      const client = await signedIn(origin);
      const { status, body } = await client.post('/sign-out');
      expect({ status, body }).to.deep.equal({ status: 202, body: 'bye' });
    });
    expect(seen).to.deep.equal([
      ['before', 'u1', false],
      ['after', 'u1', true],
    ]);
  });

  for (const method of ['get', 'PUT', 'delete', 'ALL'] as const) {
    it(`answers method ${method} when told so`, async () => {
      await signingOut({ method }).visit(async (origin) => {
        const client = await signedIn(origin);
        await client.send(method === 'ALL' ? 'PATCH' : method.toUpperCase(), '/sign-out');
        expect((await client.get('/me')).body).to.equal(null);
      });
    });
  }

  it('answers nothing but POST when not told', async () => {
    await signingOut().visit(async (origin) => {
      const client = await signedIn(origin);
      expect((await client.get('/sign-out')).status).to.equal(404);
      expect((await client.get('/me')).body).to.equal('u1');
    });
  });

  it('keeps the session when before rejects', async () => {
    const before = async () => Promise.reject(Object.assign(new Error('unsaved work'), { status: 409 }));
    await signingOut({ before }).visit(async (origin) => {
      const client = await signedIn(origin);
      const { status, body } = await client.post('/sign-out');
      expect({ status, body }).to.deep.equal({ status: 409, body: { failed: 'unsaved work' } });
      expect((await client.get('/me')).body).to.equal('u1');
    });
  });

  it('ends the session though after rejects', async () => {
    const after = async () => Promise.reject(new Error('no goodbye'));
    await signingOut({ after }).visit(async (origin) => {
      const client = await signedIn(origin);
      const copy = client.credential;
      expect((await client.post('/sign-out')).status).to.equal(500);
      expect(client.credential).to.deep.equal({});
      expect((await client.send('GET', '/me', undefined, copy)).body).to.equal(null);
    });
  });

  it('reports a before that answered, since the session then stays', async () => {
    const { errors, visit } = signingOut({ before: (_request, response) => response.json('too early') });
    await visit(async (origin) => {
      await (await signedIn(origin)).post('/sign-out');
    });
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(TypeError);
    expect(String(errors[0])).to.contain('before');
  });

  it('answers whoever has no session, and clears what they hold', async () => {
    await signingOut().visit(async (origin) => {
      const headers = { cookie: 'sid=eyJhbGciOiJub25lIn0.e30.' };
      const response = await fetch(`${origin}/sign-out`, { method: 'POST', headers });
      expect(await response.json()).to.deep.equal({ message: 'logged out' });
      expect(response.headers.getSetCookie()[0]).to.match(/^sid=; Max-Age=0/);
    });
  });

  it('reports that no sessions are active', async () => {
    const { controller, errors, visit } = site();
    controller.destroySession('/sign-out');
    await visit(async (origin) => {
      expect((await fetch(`${origin}/sign-out`, { method: 'POST' })).status).to.equal(500);
    });
    expect(String(errors[0])).to.contain('activateSessions');
  });

  it('is a route like others, to be guarded', async () => {
    const { controller, visit } = signingOut();
    controller.destroySession('/guarded').onlyIfAuthenticated(403);
    await visit(async (origin) => {
      expect((await new Client(origin, 'cookie').post('/guarded')).status).to.equal(403);
      expect((await (await signedIn(origin)).post('/guarded')).status).to.equal(200);
    });
  });

  it('refuses wrong options with a TypeError that names them', async () => {
    const wrong: [object, string][] = [
      [{ method: 'head' }, 'method'],
      [{ method: 5 }, 'method'],
      [{ method: null }, 'method'],
      [{ before: 'x' }, 'before'],
      [{ after: null }, 'after'],
      [{ finally: () => 0 }, '"finally"'],
    ];
    const { controller } = site();
    for (const [options, name] of wrong) {
      const error = await errorOf(() => Reflect.apply(controller.destroySession, controller, ['/sign-out', options]));
      expect(error, name).to.be.instanceOf(TypeError);
      expect(error.message).to.contain(name);
    }
  });
});
