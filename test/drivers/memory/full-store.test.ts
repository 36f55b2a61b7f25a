import { expect } from 'chai';
import { MemoryStore } from '../../../src/drivers/memory/store.js';
import { StoreUnavailable } from '../../../src/errors.js';
import type { ServerSessionStorage } from '../../../src/index.js';
import { guardRejections } from '../../support/rejections.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';

const LIMIT = 20;
const VISITORS = Array.from({ length: 2 * LIMIT }, (_, index) => `u${index}`);

interface Bench {
  readonly store: MemoryStore;
  readonly storage: ServerSessionStorage;
}

function bench(): Bench {
  const store = new MemoryStore({ maxSessions: LIMIT });
  return { store, storage: serverBench({ store }).storage };
}

/** The outcome of a sign-in from a session that was stored: `issued`, or the code of the error. */
async function signIn(storage: ServerSessionStorage, sid: string, uid: string): Promise<string> {
  try {
    // As an adapter does: one whose session is gone begins another.
    const session = await storage.get(sid).catch(() => storage.create());
    return (await storage.commit(session.setUser(uid))).outcome;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    expect(error.status).to.equal(503);
    return error.code;
  }
}

/** The same by one who has no session yet. */
async function visit(storage: ServerSessionStorage, uid: string): Promise<string> {
  const sid = await heldSid(storage, { cart: uid }).catch((error: StoreUnavailable) => error);
  return typeof sid === 'string' ? await signIn(storage, sid, uid) : sid.code;
}

async function usersIn(storage: ServerSessionStorage): Promise<readonly string[]> {
  const lists = await Promise.all(VISITORS.map((uid) => storage.listOfUser(uid)));
  return VISITORS.filter((_, index) => lists[index]?.length === 1);
}

describe('A full MemoryStore behind a ServerSessionStorage', () => {
  guardRejections();

  it('signs in as many as there is room for, one after the other, and rejects the others with StoreFull', async () => {
    const { storage } = bench();
    const outcomes: string[] = [];
    for (const uid of VISITORS) outcomes.push(await visit(storage, uid));
    const expected = VISITORS.map((_, index) => (index < LIMIT ? 'issued' : 'ERR_SESSION_STORE_FULL'));
    expect(outcomes).to.deep.equal(expected);
    expect(await usersIn(storage)).to.deep.equal(VISITORS.slice(0, LIMIT));
  });

  it('signs in as many as there is room for, all at once, and rejects the others with StoreFull', async () => {
    const { storage } = bench();
    const outcomes = await Promise.all(VISITORS.map((uid) => visit(storage, uid)));
    expect(await usersIn(storage)).to.deep.equal(VISITORS.filter((_, index) => outcomes[index] === 'issued'));
    expect(outcomes.filter((outcome) => outcome === 'issued')).to.have.lengthOf(LIMIT);
    expect(outcomes.filter((outcome) => outcome === 'ERR_SESSION_STORE_FULL')).to.have.lengthOf(LIMIT);
  });

  it('keeps those who are signed in when they change their id, one after the other or all at once', async () => {
    const { storage } = bench();
    const users = VISITORS.slice(0, LIMIT);
    const rotate = async (sid: string): Promise<string> => {
      const result = await storage.commit((await storage.get(sid)).rotate());
      return result.outcome === 'issued' ? result.sid : result.outcome;
    };
    let sids = await Promise.all(users.map((uid) => heldSid(storage, {}, uid)));
    sids = await Promise.all(sids.map(rotate));
    for (const [index, sid] of sids.entries()) sids[index] = await rotate(sid);
    expect(await Promise.all(sids.map(async (sid) => (await storage.get(sid)).uid))).to.deep.equal(users);
  });

  it('never lets a sign-in seem done that is not, whose session was dropped for others', async () => {
    const { storage } = bench();
    const sids = await Promise.all(VISITORS.map((uid) => heldSid(storage, { cart: uid })));
    const sessions = await Promise.allSettled(sids.map((sid) => storage.get(sid)));
    const outcomes: string[] = [];
    for (const [index, result] of sessions.entries()) {
      if (result.status === 'rejected') continue;
      const commit = storage.commit(result.value.setUser(`u${index}`));
      outcomes.push(await commit.then(({ outcome }) => outcome).catch(({ code }: StoreUnavailable) => code));
    }
    expect(outcomes).to.have.lengthOf(LIMIT);
    const issued = outcomes.filter((outcome) => outcome === 'issued');
    expect(await usersIn(storage)).to.have.lengthOf(issued.length);
    expect(issued.length).to.be.at.least(LIMIT / 2);
    expect(new Set(outcomes)).to.deep.equal(new Set(['issued', 'ERR_SESSION_STORE_FULL']));
  });
});
