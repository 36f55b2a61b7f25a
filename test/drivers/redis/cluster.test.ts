import { expect } from 'chai';
import { sharedCluster } from '../../support/servers/redis.js';
import { ALL_MAKES, aRecord, aTombstone, newName, Stores } from './support.js';

for (const make of ALL_MAKES) {
  describe(`A RedisStore on a cluster of three nodes with ${make.name}`, () => {
    const stores = new Stores();

    after(() => stores.close());

    it('finds what is spread over the nodes, and ends it', async function () {
      const ports = await sharedCluster(this);
      const store = await stores.openCluster(make, ports);
      const other = await stores.openCluster(make, ports);
      const uid = newName();
      const records = Array.from({ length: 30 }, () => aRecord({ uid }));
      await Promise.all(records.map((record) => store.create(record)));
      for (const record of records) expect(await other.load(record.id, Date.now())).to.deep.equal(record);
      expect(await other.ofUser(uid, Date.now())).to.have.deep.members(records);

      const [first, second, third, ...rest] = records;
      if (first === undefined || second === undefined || third === undefined) throw new Error('no records');
      expect(await other.update({ ...first, expiresAt: null })).to.equal('ok');
      expect(await store.update(first)).to.equal('conflict');
      expect(await other.touch(second.id, uid, second.lastAccess + 1, null)).to.equal(true);
      expect(await other.retire(third.id, 0, aTombstone(third.id))).to.equal('ok');
      expect(await store.delete(third.id)).to.equal(false);
      expect(await store.delete(second.id)).to.equal(true);
      expect(await store.deleteOfUser(uid, first.id)).to.have.members(rest.map(({ id }) => id));
      expect(await other.ofUser(uid, Date.now())).to.have.lengthOf(1);
      await store.deleteAll();
      for (const { id } of records) expect(await other.load(id, Date.now())).to.equal(undefined);
    });
  });
}
