import { expect } from 'chai';
import { z } from 'zod';
import { MemoryStore, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/index.js';
import { errorOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

describe('A sign-in whose rotation fails half-way', () => {
  it('leaves no session of the user behind that nobody has the sid of', async () => {
    const store = new FaultyStore(new MemoryStore());
    const { storage } = serverBench({ store });
    const session = await storage.get(await heldSid(storage));
    store.fail('retire');
    session.setUser('u1');
    expect(await errorOf(() => storage.commit(session))).to.be.instanceOf(StoreUnavailable);
    store.heal();
    expect(await storage.listOfUser('u1')).to.deep.equal([]);
  });
});

describe('A regenerated session', () => {
  it('begins with the defaults of its schema again', async () => {
    const { storage } = serverBench({ sessionData: z.object({ cart: z.array(z.string()).default([]) }) });
    const session = await storage.create({ cart: ['tea'] });
    await session.regenerate();
    expect(session.sessionData).to.deep.equal({ cart: [] });
  });

  it('is empty where the schema demands more', async () => {
    const { storage } = serverBench({ sessionData: z.object({ cart: z.array(z.string()) }) });
    const session = await storage.create({ cart: ['tea'] });
    await session.regenerate();
    expect(session.sessionData).to.deep.equal({});
  });
});
