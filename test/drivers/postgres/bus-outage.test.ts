import { expect } from 'chai';
import pg from 'pg';
import { PostgresBus, type PostgresBusPool } from '../../../src/drivers/postgres/index.js';
import { StoreUnavailable } from '../../../src/index.js';
import { BusEar } from '../../support/bus-ear.js';
import { durablePostgres, type PostgresServer, postgres } from '../../support/servers/postgres.js';
import { SilentProxy } from '../../support/servers/silent-proxy.js';
import { closePools, deafPool, newTable, openPool, untilBlocked } from './support.js';

const KEEP = { limit: 10_000, life: 60_000 };

describe('PostgresBus, when connections break,', () => {
  const durable = durablePostgres();
  const buses: PostgresBus[] = [];
  let server: PostgresServer;

  const open = async (pool: PostgresBusPool, table: string, deadline = 5_000): Promise<PostgresBus> => {
    const bus = new PostgresBus({ pool, table, deadline });
    buses.push(bus);
    await bus.migrate();
    return bus;
  };

  before(async function () {
    server = await postgres(this);
  });

  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    await closePools();
  });

  it('hears every message although the connection that listens was ended', async () => {
    const pool = openPool(server);
    const table = newTable();
    const bus = await open(pool, table);
    const ear = new BusEar();
    await (await bus.connect(ear)).listen('topic');
    await bus.publish('topic', 'before', KEEP);
    await ear.until(({ bodies }) => bodies.includes('before'));
    const { rows } = await openPool(server, { max: 1 }).query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%"${table}"%'`,
    );
    expect(rows).not.to.deep.equal([]);
    const other = await open(openPool(server), table);
    await other.publish('topic', 'meanwhile', KEEP);
    await ear.until(({ bodies }) => bodies.includes('meanwhile'));
    expect(ear.bodies).to.deep.equal(['before', 'meanwhile']);
    expect(ear.misses).to.equal(0);
  });

  it('hears every acknowledged message, in order, across a crash of the server', async function () {
    const { address, process } = await durable(this);
    const pools = [1, 2].map(() => openPool({ address, process }, { max: 4, connectionTimeoutMillis: 1_000 }));
    const table = newTable();
    const [hearing, speaking] = await Promise.all(pools.map((pool) => open(pool, table)));
    const ear = new BusEar();
    await (await hearing?.connect(ear))?.listen('topic');
    const acknowledged: string[] = [];
    let failures = 0;
    const speak = async (): Promise<void> => {
      for (let count = 0; failures === 0 || acknowledged.at(-1) !== String(count - 1); count += 1) {
        await speaking?.publish('topic', String(count), KEEP).then(
          () => acknowledged.push(String(count)),
          (error: unknown) => {
            expect(error).to.be.instanceOf(StoreUnavailable);
            failures += 1;
          },
        );
      }
    };
    const spoken = speak();
    await ear.until(({ messages }) => messages.length >= 30);
    await process.stop('SIGQUIT');
    await process.start();
    await spoken;
    await ear.until(({ bodies }) => bodies.includes(acknowledged.at(-1) ?? ''));
    expect(ear.bodies).to.include.members(acknowledged);
    const numbers = ear.bodies.map(Number);
    expect(numbers).to.deep.equal([...numbers].sort((a, b) => a - b));
    await process.stop('SIGQUIT');
  });

  it('notices a connection that fell silent', async () => {
    const proxy = await SilentProxy.before(server.address.port);
    const table = newTable();
    const through = { ...server, address: { ...server.address, port: proxy.port } };
    const bus = await open(openPool(through), table, 500);
    const other = await open(openPool(server), table);
    const ear = new BusEar();
    await (await bus.connect(ear)).listen('topic');
    await other.publish('topic', 'before', KEEP);
    await ear.until(({ bodies }) => bodies.includes('before'));
    proxy.silence();
    await other.publish('topic', 'meanwhile', KEEP);
    await ear.until(({ bodies }) => bodies.includes('meanwhile'));
    expect(ear.bodies).to.deep.equal(['before', 'meanwhile']);
    proxy.close();
  });

  it('hears messages without any notification, as through a proxy that shares connections', async () => {
    const bus = await open(deafPool(openPool(server)), newTable());
    const ear = new BusEar();
    await (await bus.connect(ear)).listen('topic');
    await bus.publish('topic', 'heard', KEEP);
    await ear.until(({ bodies }) => bodies.includes('heard'));
  });
});

describe('PostgresBus, with several writers,', () => {
  let server: PostgresServer;
  const buses: PostgresBus[] = [];

  before(async function () {
    server = await postgres(this);
  });

  after(async () => {
    for (const bus of buses) await bus.close();
    await closePools();
  });

  it('delivers no message before an earlier one that is still being committed', async () => {
    const table = newTable();
    const pool = openPool(server);
    const [hearing, second] = [0, 1].map(() => new PostgresBus({ pool, table, deadline: 10_000 }));
    const client = new pg.Client(server.address);
    await client.connect();
    const own: PostgresBusPool = { query: (query) => client.query(query), connect: () => pool.connect() };
    const first = new PostgresBus({ pool: own, table, deadline: 10_000 });
    if (hearing === undefined || second === undefined) throw new Error('no bus');
    buses.push(hearing, second, first);
    await hearing.migrate();
    const ear = new BusEar();
    await (await hearing.connect(ear)).listen('topic');

    await client.query('BEGIN');
    await first.publish('topic', 'first', KEEP);
    const waiting = [second.publish('topic', 'second', KEEP), second.publish('other', 'third', KEEP)];
    const now = hearing.position();
    await untilBlocked(openPool(server), 2);
    expect(ear.bodies).to.deep.equal([]);
    await client.query('COMMIT');
    await Promise.all(waiting);
    await ear.until(({ messages }) => messages.length === 2);
    expect(ear.bodies).to.deep.equal(['first', 'second']);
    // It waited too, so that nothing with a lower number becomes visible later.
    const { messages } = await hearing.history(['topic'], await now);
    expect(messages.map(({ body }) => body)).not.to.include('first');
    await client.end();
  });

  it('removes messages and topics that are outdated, and no others', async () => {
    const table = newTable();
    const pool = openPool(server);
    const bus = new PostgresBus({ pool, table, deadline: 10_000 });
    buses.push(bus);
    await bus.migrate();
    for (const body of ['1', '2', '3', '4']) await bus.publish('busy', body, { limit: 2, life: 3_600_000 });
    await bus.publish('quiet', 'old', KEEP);
    await bus.publish('kept', 'kept', { limit: 5, life: 36_000_000 });
    const twoHours = 2 * 3_600_000;
    await pool.query(`UPDATE ${table} SET number = number - ${twoHours * 1_000}`);
    await pool.query(
      `UPDATE ${table}_topics SET last = last - ${twoHours * 1_000}, gone = gone - ${twoHours * 1_000}, due_at = due_at - ${twoHours}`,
    );
    await pool.query(`UPDATE ${table}_topics SET due_at = due_at + ${twoHours} WHERE due_at > 0 AND last IN
      (SELECT number FROM ${table} WHERE body = '"4"')`);
    await bus.publish('busy', '5', { limit: 2, life: 3_600_000 });
    const { rows } = await pool.query(`SELECT body FROM ${table} ORDER BY number`);
    expect(rows.map(({ body }) => body)).to.deep.equal(['"3"', '"4"', '"kept"', '"5"']);
    const topics = await pool.query(`SELECT count(*)::int AS count FROM ${table}_topics`);
    expect(topics.rows).to.deep.equal([{ count: 2 }]);
  });
});
