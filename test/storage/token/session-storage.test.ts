import { inspect } from 'node:util';
import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf, openingOf } from '../../support/outcomes.js';
import { bench, callUntyped, SECRET } from '../../support/sessions.js';
import { untypedStorage } from '../../support/token-fixtures.js';

const OTHER = 'another secret of sixty-four bytes, for keys that come and go: 2';

describe('SessionStorage.replaceKeys', () => {
  it('signs with the first key from then on, and verifies with all (rows 30 and 31)', () => {
    const { storage } = bench();
    const before = storage.create().forClient();
    storage.replaceKeys([OTHER, SECRET]);
    const after = storage.create().forClient();
    expect([openingOf(storage, before), openingOf(storage, after)]).to.deep.equal(['opened', 'opened']);
    expect(openingOf(bench({ jwtSecret: OTHER }).storage, after)).to.equal('opened');
    expect(openingOf(bench().storage, after)).to.equal('bad_signature');
  });

  it('refuses tokens of a key that is gone at once, remembered ones too', () => {
    const { storage } = bench();
    const sid = storage.create().forClient();
    for (let i = 0; i < 4; i += 1) storage.get(sid);
    storage.replaceKeys(OTHER);
    expect(openingOf(storage, sid)).to.equal('bad_signature');
  });

  it('keeps the old keys when the new ones are refused with a TypeError that does not show them', () => {
    const { storage } = bench();
    const sid = storage.create().forClient();
    for (const wrong of ['', [], null, undefined, 5, [OTHER, ''], { kid: 'a b', secret: OTHER }]) {
      const error = errorOf(() => callUntyped(storage, 'replaceKeys', wrong));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.include('jwtSecret').and.not.include('sixty-four');
    }
    expect([openingOf(storage, sid), openingOf(storage, storage.create().forClient())]).to.deep.equal([
      'opened',
      'opened',
    ]);
  });

  it('is a TypeError for the algorithm none', () => {
    const storage = untypedStorage({ jwtAlgorithm: 'none' });
    expect(() => storage.replaceKeys(SECRET)).to.throw(TypeError, 'none');
  });
});

describe('SessionStorage.abilities', () => {
  it('tells what it can do, frozen', () => {
    expect(bench().storage.abilities).to.deep.equal({ stateless: true, revocation: 'none', listOfUser: false });
    expect(bench().storage.abilities).to.be.frozen;
  });

  it('tells how far ending a session reaches', async () => {
    expect(bench({ revocations: new RevocationList() }).storage.abilities.revocation).to.equal('process');
    for (const guarantee of ['process', 'log', 'instances'] as const) {
      const revocations = new RevocationList({ log: new FaultyLog({ guarantee }) });
      expect(bench({ revocations }).storage.abilities.revocation).to.equal(guarantee);
      await revocations.close();
    }
  });
});

describe('SessionStorage.health, ready and close', () => {
  it('health is the list’s, or undefined without one', () => {
    expect(bench().storage.health()).to.equal(undefined);
    const { storage } = bench({ revocations: new RevocationList() });
    expect(storage.health()).to.deep.equal({ isFresh: true, age: 0, guarantee: 'process' });
  });

  it('ready resolves at once without a log', async () => {
    await bench().storage.ready();
    await bench({ revocations: new RevocationList() }).storage.ready();
  });

  it('close leaves the revocation list, which others may share, as it is', async () => {
    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const { storage } = bench({ revocations });
    await storage.ready();
    await storage.close();
    expect(log.openReads).to.equal(1);
    await revocations.close();
    expect(log.openReads).to.equal(0);
  });
});

describe('util.inspect', () => {
  it('shows a session without its data, user data or credential', () => {
    const { storage } = bench();
    const session = storage.create({ pin: 'hunter2' }).setUser('u1', { pin: 'hunter2' });
    for (const one of [session, storage.get(session.forClient())]) {
      const shown = inspect(one, { depth: Infinity, showHidden: true });
      expect(shown).to.match(/^Session \{"id":/);
      expect(shown).to.include(session.id).and.include('u1').and.not.include('hunter2');
    }
  });

  it('shows a storage without its keys', () => {
    const shown = inspect(bench({ timeToLive: 60_000 }).storage, { depth: Infinity, showHidden: true });
    expect(shown).to.match(/^SessionStorage \{"algorithm":"HS512"/);
    expect(shown).not.to.include('sixty-four');
  });

  it('shows nothing secret either when custom inspection is off', () => {
    const { storage } = bench({ revocations: new RevocationList() });
    const session = storage.create({ pin: 'hunter2' });
    const all = { storage, session, again: storage.get(session.forClient()) };
    const shown = inspect(all, { depth: Infinity, showHidden: true, customInspect: false, getters: false });
    expect(shown).not.to.match(/hunter2|sixty-four/);
    expect(JSON.stringify(all)).not.to.match(/hunter2|sixty-four/);
  });
});
