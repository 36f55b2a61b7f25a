import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../support/servers/free-port.js';
import { durablePostgres } from '../support/servers/postgres.js';
import type { ServerProcess } from '../support/servers/program.js';
import { ownRedis } from '../support/servers/redis.js';
import { SECRET } from './console-bench.js';
import { ConsoleClient } from './console-client.js';
import { ConsoleProgram } from './console-program.js';
import type { Ended } from './example-program.js';

const PASSWORD = 'hunter2';

describe('npm start', function () {
  // Each test starts a process or two, perhaps on a busy machine.
  this.timeout(60_000);

  let folder = '';
  const programs: ConsoleProgram[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
  });

  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL')));
    rmSync(folder, { recursive: true });
  });

  function run(env: Readonly<Record<string, string>> = {}, isCompiled = true): ConsoleProgram {
    const program = new ConsoleProgram({ SESSIONS_FILE: join(folder, 'sessions.sqlite'), ...env }, isCompiled);
    programs.push(program);
    return program;
  }

  /** A client of it that holds `sid`. */
  async function clientOf(program: ConsoleProgram, sid = ''): Promise<ConsoleClient> {
    const client = new ConsoleClient(await program.address, 'cookie');
    if (sid !== '') client.sid = sid;
    return client;
  }

  async function signedIn(program: ConsoleProgram): Promise<ConsoleClient> {
    const client = await clientOf(program);
    await client.signIn('Ada');
    await client.done('PUT', '/api/data', { cart: ['tea'] });
    return client;
  }

  async function expectSignedIn(client: ConsoleClient): Promise<void> {
    expect(await client.session()).to.deep.include({ uid: 'ada', sessionData: { language: 'en', cart: ['tea'] } });
  }

  it('keeps sessions in a file for its user alone, and ends in peace though a browser holds a connection', async () => {
    const program = run({}, false);
    const client = await signedIn(program);
    for (const file of readdirSync(folder)) {
      if (process.platform !== 'win32') expect(statSync(join(folder, file)).mode & 0o777, file).to.equal(0o600);
    }
    const socket = connect(Number(new URL(await program.address).port), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    const { code, stdout, stderr } = await program.stop('SIGTERM');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^Sessions are kept in SQLite in .*sessions\.sqlite\.\nSession console: http/);
    socket.destroy();
    await expectSignedIn(await clientOf(run(), client.sid));
  });

  it('sends the pages that follow a session away, to come back, and ends in peace', async () => {
    const program = run();
    const client = await signedIn(program);
    const headers = { Cookie: `sid=${client.sid}`, Accept: 'text/event-stream' };
    const { status, body } = await fetch(`${await program.address}/live`, { headers });
    expect(status).to.equal(200);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: open')) text += (await reader?.read())?.value ?? '';
    const ended = program.stop('SIGTERM');
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
    expect(text).to.match(/event: reconnect\ndata: \{"reason":"closed"\}\n\n$/);
    expect((await ended).code).to.equal(0);
  });

  it('knows its CSRF tokens after a restart', async () => {
    const program = run();
    const { sid, csrf } = await signedIn(program);
    await program.stop('SIGTERM');
    const client = await clientOf(run(), sid);
    const rotated = await client.send('POST', '/api/rotate', {}, { 'X-CSRF-Token': csrf });
    expect(rotated.status, rotated.text).to.equal(200);
  });

  it('leaves an old folder of LMDB alone, and says that it is unused', async () => {
    const old = join(folder, '.sessions');
    mkdirSync(old);
    writeFileSync(join(old, 'data.mdb'), 'old');
    const program = run();
    await signedIn(program);
    const { stdout } = await program.stop('SIGTERM');
    expect(stdout).to.include(`The folder ${old} is from an older version and is not used any more.`);
    expect(readdirSync(old)).to.deep.equal(['data.mdb']);
    expect(readFileSync(join(old, 'data.mdb'), 'utf8')).to.equal('old');
  });

  it('loses nothing when it is killed', async () => {
    const program = run();
    const client = await signedIn(program);
    await program.stop('SIGKILL');
    await expectSignedIn(await clientOf(run(), client.sid));
  });

  it('carries sessions in tokens when told so', async () => {
    const env = { SESSIONS: 'jwt', SESSION_SECRET: SECRET };
    const program = run(env);
    const client = await signedIn(program);
    expect((await client.token()).token).to.equal(client.sid);
    const { code, stdout, stderr } = await program.stop('SIGTERM');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(
      /^Sessions are kept in signed tokens, and sign-outs in SQLite in .*sessions\.sqlite\.\nSession console: http/,
    );
    await expectSignedIn(await clientOf(run(env), client.sid));
  });

  it('refuses a token that was signed out before it was killed', async () => {
    const env = { SESSIONS: 'jwt', SESSION_SECRET: SECRET };
    const program = run(env);
    const [client, other] = [await signedIn(program), await signedIn(program)];
    const { sid } = client;
    expect((await client.send('POST', '/api/sign-out', {})).status).to.equal(204);
    await program.stop('SIGKILL');
    const again = run(env);
    expect(await (await clientOf(again, sid)).session()).to.equal(null);
    await expectSignedIn(await clientOf(again, other.sid));
  });

  describe('with a server for its sessions', () => {
    const postgres = durablePostgres();
    const places: readonly {
      readonly name: string;
      readonly variable: string;
      readonly server: (context: Mocha.Context) => Promise<{ url: string; server: ServerProcess }>;
    }[] = [
      {
        name: 'Redis',
        variable: 'REDIS_URL',
        server: async (context) => {
          const { port, process: server } = await ownRedis(context, { isDurable: true });
          return { url: `redis://127.0.0.1:${port}`, server };
        },
      },
      {
        name: 'PostgreSQL',
        variable: 'DATABASE_URL',
        server: async (context) => {
          const { address, process: server } = await postgres(context);
          const { user, host, port, database } = address;
          return { url: `postgres://${user}:${PASSWORD}@${host}:${port}/${database}`, server };
        },
      },
    ];

    for (const { name, variable, server: start } of places) {
      it(`says 503 while ${name} is away, goes on when it is back, and loses nothing when it is killed itself`, async function () {
        const { url, server } = await start(this);
        const { host } = new URL(url);
        const program = run({ [variable]: url });
        try {
          const client = await signedIn(program);
          await server.stop('SIGKILL');
          // A killed PostgreSQL leaves processes that answer until they notice.
          while ((await client.send('GET', '/api/session')).status === 200);
          for (const [method, path] of [
            ['GET', '/api/session'],
            ['POST', '/api/sign-in'],
          ] as const) {
            const { status, headers, text } = await client.send(
              method,
              path,
              method === 'GET' ? undefined : { name: 'A' },
            );
            expect([status, headers.get('Content-Type')]).to.deep.equal([503, 'application/json; charset=utf-8']);
            expect(JSON.parse(text)).to.include({ code: 'ERR_SESSION_STORE_UNAVAILABLE' });
            expect(text).not.to.include(host);
          }
          expect((await client.send('GET', '/')).status).to.equal(200);
          await server.start();
          while ((await client.send('GET', '/api/session')).status === 503);
          await expectSignedIn(client);
          const { stdout, stderr } = await program.stop('SIGKILL');
          expect(stdout).to.match(new RegExp(`^Sessions are kept in ${name} at ${host}\\.\n`));
          expect(stdout + stderr).not.to.include(PASSWORD);
          expect(stderr).to.match(new RegExp(`^503: ${name} failed.*: .+\n503: `));
          await expectSignedIn(await clientOf(run({ [variable]: url }), client.sid));
        } finally {
          await server.stop('SIGKILL');
        }
      });
    }
  });

  describe('says why it cannot begin:', () => {
    async function expectRefusal(env: Readonly<Record<string, string>>, says: RegExp): Promise<Ended> {
      const ended = await run(env).ended;
      expect(ended.code, ended.stderr).to.equal(1);
      expect(ended.stderr).to.match(says);
      expect(ended.stdout + ended.stderr).not.to.match(/hunter2|node_modules|\.[jt]s:\d/);
      return ended;
    }

    it('the port is in use', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const { stderr } = await expectRefusal({ PORT: String(port) }, /port \d+ is in use/);
      expect(stderr).to.equal(
        `Cannot listen on 127.0.0.1: port ${port} is in use.\nTry another port: PORT=${port + 1} npm start\n`,
      );
      server.close();
    });

    it('CSRF_SECRET is too short', async () => {
      const ended = await expectRefusal({ CSRF_SECRET: PASSWORD }, /^CSRF_SECRET must have 32 bytes or more\./);
      expect(ended.stdout).to.equal('');
    });

    it('PORT is no port', async () => {
      await expectRefusal({ PORT: '65536' }, /^PORT must be a whole number from 0 to 65535; 0 is any free port\./);
    });

    it('nothing listens where it should; and of two addresses it takes that of Redis, and says so', async () => {
      const port = await freePort();
      const { stdout } = await expectRefusal(
        {
          REDIS_URL: `redis://someone:${PASSWORD}@127.0.0.1:${port}`,
          DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:${port}/x`,
        },
        new RegExp(
          `^Sessions cannot be kept in Redis at 127.0.0.1:${port}: .*ECONNREFUSED.*\n.*SESSIONS=sqlite npm start\n$`,
        ),
      );
      expect(stdout).to.equal(
        'REDIS_URL and DATABASE_URL are both set: using Redis. To use PostgreSQL: SESSIONS=postgres npm start\n',
      );
    });
  });
});
