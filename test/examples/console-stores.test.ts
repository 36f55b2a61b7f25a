import { expect } from 'chai';
import { choose } from '../../examples/console/choice.js';
import { openBackend } from '../../examples/console/stores.js';
import { errorOf } from '../support/outcomes.js';
import { freePort } from '../support/servers/free-port.js';
import { ownRedis } from '../support/servers/redis.js';

const PASSWORD = 'hunter2';
const REDIS_URL = 'redis://127.0.0.1:1';
const DATABASE_URL = 'postgres://127.0.0.1:1/x';

describe('examples/console: where sessions are kept', () => {
  it('is a file, or what a variable has the address of', () => {
    const kinds = [{}, { REDIS_URL: '', DATABASE_URL: '' }, { REDIS_URL }, { DATABASE_URL }].map(choose);
    expect(kinds.map(({ kind }) => kind)).to.deep.equal(['sqlite', 'sqlite', 'redis', 'postgres']);
    for (const { kind, backend } of kinds) expect(backend).to.equal(kind);
    for (const { remark } of kinds) expect(remark).to.equal(undefined);
  });

  it('is Redis when there are both, and says so', () => {
    const { kind, remark } = choose({ REDIS_URL, DATABASE_URL });
    expect(kind).to.equal('redis');
    expect(remark).to.match(/both set/);
  });

  it('is what SESSIONS names, whatever else is set', () => {
    for (const SESSIONS of ['sqlite', 'redis', 'postgres']) {
      const expected = { kind: SESSIONS, backend: SESSIONS, remark: undefined };
      expect(choose({ SESSIONS, REDIS_URL, DATABASE_URL })).to.deep.equal(expected);
    }
    for (const SESSIONS of ['mongodb', 'lmdb']) {
      expect(() => choose({ SESSIONS })).to.throw(Error, 'SESSIONS must be one of sqlite, redis, postgres, jwt.');
    }
  });

  it('is tokens with jwt, and their sign-outs are where sessions would be', () => {
    const SESSIONS = 'jwt';
    const choices = [{ SESSIONS }, { SESSIONS, REDIS_URL }, { SESSIONS, DATABASE_URL }].map(choose);
    expect(choices).to.deep.equal(
      ['sqlite', 'redis', 'postgres'].map((backend) => ({ kind: 'jwt', backend, remark: undefined })),
    );
    expect(choose({ SESSIONS, REDIS_URL, DATABASE_URL })).to.deep.include({ kind: 'jwt', backend: 'redis' });
    expect(choose({ SESSIONS, REDIS_URL, DATABASE_URL }).remark).to.match(/both set.*unset REDIS_URL$/);
  });

  it('takes an address in its variable, and does not repeat what is there instead', async () => {
    for (const [kind, variable] of [
      ['redis', 'REDIS_URL'],
      ['postgres', 'DATABASE_URL'],
    ] as const) {
      for (const env of [{}, { [variable]: PASSWORD }]) {
        const failure = await errorOf(() => openBackend(kind, env));
        expect(failure)
          .to.be.an('error')
          .with.property('message')
          .that.match(new RegExp(`^${variable} must be a URL`));
        expect(String(failure)).not.to.include(PASSWORD);
      }
    }
  });

  it('is not to be had in a file that is none, or no database', async () => {
    const cases = [
      [import.meta.dirname, 'test.examples'],
      [import.meta.filename, 'test.examples.console-stores\\.test\\.ts'],
    ] as const;
    for (const [SESSIONS_FILE, shown] of cases) {
      const failure = await errorOf(() => openBackend('sqlite', { SESSIONS_FILE }));
      expect(String(failure)).to.match(
        new RegExp(`^Error: Sessions cannot be kept in SQLite in ${shown}: .+\n.*SESSIONS_FILE=.* npm start$`),
      );
    }
  });

  it('is not to be had where nothing listens, or the password is wrong', async function () {
    const nobody = await freePort();
    const { port, process: server } = await ownRedis(this);
    try {
      const address = `someone:${PASSWORD}@127.0.0.1`;
      const failures = await Promise.all([
        errorOf(() => openBackend('redis', { REDIS_URL: `redis://${address}:${nobody}` })),
        errorOf(() => openBackend('redis', { REDIS_URL: `redis://${address}:${port}` })),
        errorOf(() => openBackend('postgres', { DATABASE_URL: `postgres://${address}:${nobody}/x` })),
      ]);
      const told = failures.map(String);
      const cannot = 'Error: Sessions cannot be kept in';
      expect(told[0]).to.match(
        new RegExp(`^${cannot} Redis at 127.0.0.1:${nobody}: .*ECONNREFUSED.*\\n.*SESSIONS=sqlite`),
      );
      expect(told[1]).to.match(new RegExp(`^${cannot} Redis at 127.0.0.1:${port}: WRONGPASS.*\\n.*SESSIONS=sqlite`));
      expect(told[2]).to.match(new RegExp(`^${cannot} PostgreSQL at 127.0.0.1:${nobody}: .*ECONNREFUSED.*\\n`));
      expect(told.join()).not.to.include(PASSWORD);
    } finally {
      await server.stop('SIGKILL');
    }
  });
});
