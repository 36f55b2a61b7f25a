import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createClient } from 'redis';
import { RedisBus, type RedisBusClient, RedisRevocationLog, RedisStore } from '../../../src/drivers/redis/index.js';
import { busSuite, revocationLogSuite, type SuiteRunner, storeSuite } from '../../../src/testing/index.js';
import { ownRedis, sharedCluster } from '../../support/servers/redis.js';
import { aRecord, BOTH_KINDS, type Login, type OpenClient } from './support.js';

const runner: SuiteRunner = { describe, it, before, after };
const PAGE = new URL('../../../docs/redis.md', import.meta.url);
const deadline = 20_000;

type Open = () => Promise<RedisBusClient>;
/** How often the servers were given a command. */
type CallsOf = (command: string) => Promise<number>;

/** The suite of each class, by the name of its user in the page. */
const SUITES: Readonly<Record<string, (open: Open, callsOf: CallsOf) => void>> = {
  store: (open) => {
    const storeOf = async (prefix: string): Promise<RedisStore> => {
      return new RedisStore({ client: await open(), prefix, deadline });
    };
    storeSuite({
      runner,
      name: 'keeps to the port',
      open: () => storeOf('sessions:'),
      openAlone: async () => {
        const prefix = `sessions:e${randomUUID()}:`;
        return [await storeOf(prefix), await storeOf(prefix)];
      },
      sizes: 'small',
    });
    it('removes what deleteAll has left behind', async () => {
      const store = await storeOf(`sessions:e${randomUUID()}:`);
      const record = aRecord();
      await store.create(record);
      await store.deleteAll();
      await store.sweep(Date.now(), 100);
      expect(await store.load(record.id, Date.now())).to.equal(undefined);
    });
  },
  bus: (open, callsOf) => {
    busSuite({
      runner,
      name: 'keeps to the port',
      create: async () => new RedisBus({ client: await open(), deadline }),
    });
    it('goes on when it has checked its connection', async () => {
      const bus = new RedisBus({ client: await open(), deadline });
      const losses: unknown[] = [];
      const connection = await bus.connect({ message: () => undefined, missed: () => losses.push('missed') });
      await connection.listen('news');
      const pings = await callsOf('ping');
      while ((await callsOf('ping')) < pings + 2);
      await bus.close();
      expect(losses).to.deep.equal([]);
    });
  },
  log: (open) => {
    revocationLogSuite({
      runner,
      name: 'keeps to the port',
      create: async () => new RedisRevocationLog({ client: await open(), deadline }),
    });
  },
};

const LINES = readFileSync(PAGE, 'utf8').split('\n');

/** The line of the page that begins with this, without that. */
function partsOf(start: string): readonly string[] {
  const line = LINES.find((one) => one.startsWith(start)) ?? '';
  return line.slice(start.length).split(' ');
}

const FOR_CLUSTER = partsOf('In a cluster, add: ');

for (const [user, runSuite] of Object.entries(SUITES)) {
  const rule = partsOf(`user ${user} `);

  describe(`The ACL rule for the user ${user} in docs/redis.md`, () => {
    const used = new Set<string>();
    const usedInCluster = new Set<string>();

    for (const make of BOTH_KINDS) {
      const login: Login = { username: user, password: 'a-long-password' };

      describeWith(`with ${make.name}`, {
        rule,
        user,
        start: async (context) => {
          const { port, process } = await ownRedis(context);
          return { ports: [port], stop: () => process.stop('SIGKILL') };
        },
        open: ([port = 0]) => make.open(port, login),
        runSuite,
        used,
      });

      // What a cluster adds is sent by the client, so one class shows it.
      if (user !== 'log') continue;
      describeWith(`with ${make.name} in a cluster`, {
        rule: [...rule, ...FOR_CLUSTER],
        user,
        start: async (context) => {
          const ports = await sharedCluster(context);
          return { ports, stop: () => forEach(ports, ['ACL', 'DELUSER', user]) };
        },
        open: (ports) => make.openCluster(ports, login),
        runSuite,
        used: usedInCluster,
      });
    }

    describe('names no more than is needed', () => {
      it('of commands', () => {
        expect(allowedBy(rule)).to.deep.equal([...used].toSorted());
        const added = [...usedInCluster].filter((one) => !used.has(one)).toSorted();
        if (user === 'log') expect(allowedBy(FOR_CLUSTER)).to.deep.equal(added);
      });
    });
  });
}

interface Places {
  readonly ports: readonly number[];
  readonly stop: () => Promise<unknown>;
}

interface Run {
  readonly rule: readonly string[];
  readonly user: string;
  readonly start: (context: Mocha.Context) => Promise<Places>;
  readonly open: (ports: readonly number[]) => Promise<OpenClient>;
  readonly runSuite: (open: Open, callsOf: CallsOf) => void;
  /** Gets the commands that needed a permission. */
  readonly used: Set<string>;
}

/** Runs a suite as a user with this rule alone. */
function describeWith(title: string, { rule, user, start, open, runSuite, used }: Run): void {
  describe(title, () => {
    let places: Places;
    const clients: OpenClient[] = [];

    before(async function () {
      places = await start(this);
      await forEach(places.ports, ['ACL', 'SETUSER', user, ...rule]);
      await forEach(places.ports, ['CONFIG', 'RESETSTAT']);
      await forEach(places.ports, ['ACL', 'LOG', 'RESET']);
    });

    after(async () => {
      for (const { close } of clients) close();
      await places.stop();
    });

    runSuite(
      async () => {
        const opened = await open(places.ports);
        clients.push(opened);
        return opened.client;
      },
      async (command) => {
        const stats = await forEach(places.ports, ['INFO', 'commandstats']);
        return [...stats.join('\n').matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)]
          .filter(([, name]) => name === command)
          .reduce((sum, [, , calls]) => sum + Number(calls), 0);
      },
    );

    describe('afterwards', () => {
      it('nothing was denied', async () => {
        const stats = await forEach(places.ports, ['INFO', 'commandstats']);
        const denied = await forEach(places.ports, ['ACL', 'LOG']);
        expect(denied.flat()).to.deep.equal([]);
        for (const [, command = ''] of stats.join('\n').matchAll(/^cmdstat_([^:]+):/gm)) {
          if (!FREE.has(command)) used.add(command);
        }
      });
    });
  });
}

/** Commands that need no permission, and those of the default user here. */
const FREE = new Set(['auth', 'hello', 'quit', 'reset', 'acl|setuser', 'acl|log', 'config|resetstat']);

function allowedBy(rule: readonly string[]): readonly string[] {
  return rule
    .filter((part) => part.startsWith('+'))
    .map((part) => part.slice(1))
    .toSorted();
}

/** The reply of each server to a command of the default user. */
async function forEach(ports: readonly number[], command: readonly string[]): Promise<readonly unknown[]> {
  const replies: unknown[] = [];
  for (const port of ports) {
    const admin = createClient({ socket: { host: '127.0.0.1', port } });
    await admin.connect();
    replies.push(await admin.sendCommand(command));
    admin.destroy();
  }
  return replies;
}
