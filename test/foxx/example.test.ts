import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Client, secret, transports } from './site.js';

const server = fileURLToPath(new URL('../../examples/foxx-app/server.js', import.meta.url));

/** Starts the example as its README says, on a free port, and gives the URL that it prints. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [server], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const first: unknown[] = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  const url = /http:\S+/.exec(String(first[0]))?.[0];
  if (url === undefined) throw new Error(`the example did not start: ${String(first[0])}`);
  return { url, child };
}

async function stop(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

describe('the example of a Foxx service, on the built package', () => {
  let url: string;
  let child: ChildProcess;

  before(async () => {
    ({ url, child } = await start());
  });

  after(async () => stop(child));

  for (const by of transports) {
    it(`signs in, knows who is there, counts and signs out by ${by}`, async () => {
      const client = new Client(url, by);
      expect((await client.get('/whoami')).status).to.equal(401);
      const signedIn = await client.post('/sign-in', { name: 'Ada' });
      expect(signedIn.body).to.deep.equal({ uid: 'users/Ada' });
      expect((await client.get('/whoami')).body).to.deep.equal({ uid: 'users/Ada', greeting: 'Hello, Ada!' });
      expect((await client.post('/counter')).body).to.deep.equal({ counter: 1 });
      expect((await client.post('/counter')).body).to.deep.equal({ counter: 2 });
      const copy = client.credential;
      expect((await client.post('/sign-out')).body).to.deep.equal({ message: 'logged out' });
      expect(client.credential).to.deep.equal({});
      const { status, body } = await client.send('GET', '/whoami', undefined, copy);
      expect({ status, body }).to.deep.equal({
        status: 401,
        body: { error: true, code: 401, errorMessage: 'Not authorized' },
      });
    });
  }

  it('tells what a sign-in lacks', async () => {
    expect((await new Client(url, 'cookie').post('/sign-in', {})).status).to.equal(400);
  });

  it('keeps sessions over a restart when it is given its secret, and not otherwise', async () => {
    const first = await start({ SESSION_SECRET: secret });
    const client = new Client(first.url, 'header');
    await client.post('/sign-in', { name: 'Ada' }).finally(() => stop(first.child));
    const again = await start({ SESSION_SECRET: secret });
    const { status } = await new Client(again.url, 'header')
      .send('GET', '/whoami', undefined, client.credential)
      .finally(() => stop(again.child));
    expect(status).to.equal(200);
    expect((await new Client(url, 'header').send('GET', '/whoami', undefined, client.credential)).status).to.equal(401);
  });
});
