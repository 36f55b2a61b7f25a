import { expect } from 'chai';
import { z } from 'zod';
import { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage } from '../../src/index.js';
import { eventsBesidesLoaded } from '../support/events.js';
import { SECRET } from '../support/sessions.js';

const sessionData = z.object({
  name: z.string().trim().default('nobody'),
  n: z.number().default(0),
  tags: z.array(z.string().toLowerCase()).optional(),
});

const kinds = {
  'in a token': () => new SessionStorage({ jwtSecret: SECRET, revocations: new RevocationList(), sessionData }),
  'in a store': () => new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null, sessionData }),
};

for (const [where, storageOf] of Object.entries(kinds)) {
  describe(`A session ${where} whose schema changes its data`, () => {
    it('has the data as they were saved, and counts as unchanged', async () => {
      const storage = storageOf();
      const session = await storage.create({});
      session.sessionData.name = ' Ada ';
      session.sessionData.tags = ['A'];
      Reflect.set(session.sessionData, 'unknown', 1);
      await Reflect.apply(storage.commit, storage, [session]);
      expect(session.sessionData).to.deep.equal({ name: 'Ada', n: 0, tags: ['a'] });
      expect(session.isModified).to.equal(false);
    });

    it('keeps what the application changed since the save', async () => {
      const storage = storageOf();
      const session = await storage.create({});
      session.sessionData.name = ' Ada ';
      const committed = Reflect.apply(storage.commit, storage, [session]);
      session.sessionData.name = ' Bob ';
      await committed;
      expect([session.sessionData.name, session.isModified]).to.deep.equal([' Bob ', true]);
    });

    it('is not written again, nor reported as lost, when the response is over', async () => {
      const storage = storageOf();
      const session = await storage.create({});
      session.sessionData.name = ' Ada ';
      await Reflect.apply(storage.commit, storage, [session]);
      const told = eventsBesidesLoaded(storage);
      await Reflect.apply(storage.commitLate, storage, [session]);
      expect(told).to.deep.equal([]);
    });
  });
}

describe('A session in a store whose schema changes its data', () => {
  it('does not write over what others stored after it was saved', async () => {
    const storage = new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null, sessionData });
    const sid = (await (await storage.create({})).setUser('u1').save()).forClient();
    const slow = await storage.get(sid);
    slow.sessionData = { name: ' Ada ', n: 0 };
    await storage.commit(slow);
    await (await storage.get(sid)).update((data) => void Object.assign(data, { name: 'Bob', n: 5 }));
    await storage.commitLate(slow);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ name: 'Bob', n: 5 });
  });
});
