import { expect } from 'chai';
import { MemoryStore, SessionDataInvalid, StoreUnavailable } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsBesidesLoaded } from '../../support/events.js';
import { errorOf, openingOf, outcomeOf } from '../../support/outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

async function failedSave() {
  const store = new FaultyStore(new MemoryStore());
  const { storage } = serverBench({ store });
  const sid = await heldSid(storage, { n: 1 }, 'u1');
  const session = await storage.get(sid);
  session.sessionData['n'] = 2;
  store.disconnect('rejects');
  await errorOf(() => session.save(), StoreUnavailable);
  store.heal();
  return { storage, sid, session, told: eventsBesidesLoaded(storage) };
}

describe('A session whose save failed, as the application was told', () => {
  it('is not saved by the commit, which sends nothing and tells the loss', async () => {
    const { storage, sid, session, told } = await failedSave();
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect(told.map(([name]) => name)).to.deep.equal(['refused-late-save']);
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1 });
  });

  it('is saved when the application asks again', async () => {
    for (const again of ['save', 'update'] as const) {
      const { storage, sid, session } = await failedSave();
      await (again === 'save' ? session.save() : session.update(() => undefined));
      session.sessionData['m'] = 3;
      expect(await outcomeOf(storage.commit(session))).not.to.equal('withheld');
      expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 2, m: 3 });
    }
  });

  it('is ended when it is revoked', async () => {
    const { storage, sid, session } = await failedSave();
    expect(await outcomeOf(storage.commit(session.revoke()))).to.equal('ended');
    expect(await openingOf(storage, sid)).to.equal('revoked');
  });

  it('does not fail the answer once more for data that JSON cannot represent', async () => {
    const { storage } = serverBench();
    const sid = await heldSid(storage, { n: 1 }, 'u1');
    const session = await storage.get(sid);
    session.sessionData['n'] = new Map();
    await errorOf(() => session.save(), SessionDataInvalid);
    expect(await outcomeOf(storage.commit(session))).to.equal('withheld');
    expect((await storage.get(sid)).sessionData).to.deep.equal({ n: 1 });
  });
});
