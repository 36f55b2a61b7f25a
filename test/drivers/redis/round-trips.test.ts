import { expect } from 'chai';
import type { RedisStore } from '../../../src/drivers/redis/index.js';
import { sharedRedis } from '../../support/servers/redis.js';
import { aRecord, aTombstone, BOTH_KINDS, newName, Stores } from './support.js';
import { type Command, WireTap } from './wire-tap.js';

for (const make of BOTH_KINDS) {
  describe(`What a RedisStore sends with ${make.name}`, () => {
    const stores = new Stores();
    let tap: WireTap;
    let store: RedisStore;

    before(async function () {
      tap = await WireTap.before((await sharedRedis(this)).port);
      store = await stores.open(make, tap.port);
      const { id, uid } = aRecord({ uid: newName() });
      // Redis has to be sent each script once.
      await store.create(aRecord({ id, uid }));
      await store.update(aRecord({ id, uid }));
      await store.touch(id, uid, Date.now() + 1, Date.now() + 2);
      await store.ofUser(newName(), Date.now());
      await store.retire(id, 1, aTombstone(id));
      await store.delete(id);
    });

    after(() => {
      stores.close();
      tap?.close();
    });

    const isQuestion = (command: Command): boolean => command.includes(`${stores.prefix}epoch`);

    /** The commands that `work` sent, without the question for the epoch that goes along with one now and then. */
    const sentBy = async (work: () => Promise<unknown>): Promise<readonly Command[]> => {
      const from = tap.commands.length;
      await work();
      return tap.commands.slice(from).filter((command) => !isQuestion(command));
    };

    it('loads with one command', async () => {
      const record = aRecord();
      await store.create(record);
      const sent = await sentBy(async () => expect(await store.load(record.id, Date.now())).to.deep.equal(record));
      expect(sent.map(([name]) => name)).to.deep.equal(['GET']);
    });

    it('writes, touches, retires and deletes sessions of nobody with one command each', async () => {
      const record = aRecord();
      const { id } = record;
      for (const work of [
        () => store.create(record),
        () => store.update(record),
        () => store.touch(id, null, record.lastAccess + 1, record.expiresAt),
        () => store.retire(id, 1, aTombstone(id)),
        () => store.delete(id),
      ]) {
        expect((await sentBy(work)).map(([name]) => name)).to.deep.equal(['EVALSHA']);
      }
    });

    it("writes and touches a user's session with one command, while the index knows it for long enough", async () => {
      const record = aRecord({ uid: newName() });
      const { uid, lastAccess, expiresAt } = record;
      await store.create(record);
      const later = { lastAccess: lastAccess + 3_600_000, expiresAt: Number(expiresAt) + 3_600_000 };
      expect(await sentBy(() => store.update({ ...record, ...later }))).to.have.lengthOf(1);
      const muchLater = later.expiresAt + 3_600_000;
      expect(await sentBy(() => store.touch(record.id, uid, later.lastAccess + 1, muchLater))).to.have.lengthOf(1);
    });

    it('writes the index first where a session would outlive what the index knows', async () => {
      const record = aRecord({ uid: newName() });
      await store.create(record);
      const next = {
        ...record,
        lastAccess: record.lastAccess + 86_400_000,
        expiresAt: record.lastAccess + 200_000_000,
      };
      const sent = await sentBy(() => store.update(next));
      const index = sent.findIndex(([, , , key]) => key?.includes(':user:'));
      expect(sent).to.have.lengthOf(3);
      expect(index).to.equal(1);
      expect(await sentBy(() => store.update({ ...next, version: 1 }))).to.have.lengthOf(1);
    });

    it('enters a session that was rotated in the index of its lineage too, in the same round trip', async () => {
      const record = aRecord({ uid: newName(), lineage: newName() });
      const sent = await sentBy(() => store.create(record));
      expect(sent.map(([, , , key = '']) => key.split(':').slice(2, -1).join())).to.deep.equal(['user', 'lineage', '']);
    });

    it('gives the sessions of a user in two round trips', async () => {
      const uid = newName();
      for (let count = 0; count < 20; count += 1) await store.create(aRecord({ uid }));
      const sent = await sentBy(async () => expect(await store.ofUser(uid, Date.now())).to.have.lengthOf(20));
      expect(sent.map(([name]) => name)).to.deep.equal(['EVALSHA', ...Array.from({ length: 20 }, () => 'GET')]);
    });

    it('sends nothing for what is no id', async () => {
      const sent = await sentBy(async () => {
        expect(await store.ofUser('u1', 0, 'a b')).to.deep.equal([]);
        for (const id of ['', 'user:u1', 'epoch:', '*', 'a b', 'a'.repeat(65), 'x\r\nFLUSHALL']) {
          expect(await store.load(id, 0)).to.equal(undefined);
          expect(await store.touch(id, null, 0, null)).to.equal(false);
          expect(await store.delete(id)).to.equal(false);
          expect(await store.retire(id, 0, aTombstone(id))).to.equal('gone');
          expect(await store.update(aRecord({ id }))).to.equal('gone');
        }
      });
      expect(sent).to.deep.equal([]);
    });

    it('asks for the epoch along with other commands, and seldom', async () => {
      const { id } = aRecord();
      await store.create(aRecord({ id }));
      const [from, start] = [tap.commands.length, performance.now()];
      const loads = Array.from({ length: 200 }, () => store.load(id, Date.now()));
      await Promise.all(loads);
      for (let count = 0; count < 50; count += 1) await store.load(id, Date.now());
      const asked = tap.commands.slice(from).filter(isQuestion);
      const time = performance.now() - start;
      expect(asked.length).to.be.at.most(2 + time / 100);
      expect(asked.filter(([name]) => name !== 'GET').length).to.be.at.most(2 + time / 1000);
    });

    it('never searches the keyspace, and never names more than one key in a command (row 58)', () => {
      for (const [name = '', ...args] of tap.commands) {
        expect(['GET', 'EVALSHA', 'EVAL', 'HELLO', 'CLIENT', 'INFO']).to.include(name.toUpperCase());
        if (name.startsWith('EVAL')) expect(args[1]).to.equal('1');
        expect(name.startsWith('EVAL') && /\b(KEYS|SCAN)'/.test(args[0] ?? '')).to.equal(false);
      }
    });
  });
}
