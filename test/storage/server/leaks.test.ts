import { inspect } from 'node:util';
import { expect } from 'chai';
import sinon from 'sinon';
import { z } from 'zod';
import { MemoryStore, RevocationList } from '../../../src/index.js';
import { FaultyStore } from '../../../src/testing/faulty-store.js';
import { eventsOf } from '../../support/events.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { errorOf } from '../../support/outcomes.js';
import { putBody } from '../../support/server-outcomes.js';
import { heldSid, serverBench } from '../../support/server-sessions.js';
import { callUntyped, issuedBy } from '../../support/sessions.js';

const SECRET_DATA = 'the-secret-of-the-session';

/** All that can be read off a value: its texts, own properties, causes and what inspection shows of it. */
function everythingIn(value: unknown): string {
  const options = { depth: Infinity, showHidden: true, breakLength: Infinity } as const;
  const shown = [inspect(value, options), inspect(value, { ...options, customInspect: false })];
  try {
    shown.push(JSON.stringify(value));
  } catch {
    // A cycle has no JSON.
  }
  if (!(value instanceof Error)) return shown.join('\n');
  return [...shown, String(value), value.message, value.stack, everythingIn(value.cause)].join('\n');
}

describe('Nothing of a server-side session’s credential leaves by the back door (row 64)', () => {
  let time: sinon.SinonFakeTimers;
  const sids = new Set<string>();
  const findings: [where: string, what: string][] = [];

  function held(sid: string): string {
    sids.add(sid);
    return sid;
  }

  async function failing(where: string, action: () => unknown): Promise<void> {
    const failure = Promise.resolve(errorOf(action));
    failure.catch(() => undefined);
    await time.tickAsync(2_000);
    findings.push([where, everythingIn(await failure)]);
  }

  function expectNoLeak(): void {
    for (const sid of sids) {
      // An excerpt is a leak as well.
      for (let at = 0; at + 10 <= sid.length; at += 1) {
        const part = sid.slice(at, at + 10);
        for (const [where, what] of findings) if (what.includes(part)) expect.fail(`${where} shows ${part}: ${what}`);
      }
    }
  }

  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    time.restore();
    sids.clear();
    findings.length = 0;
  });

  it('in errors, causes, stacks, events and warnings, whatever goes wrong', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', onWarning);

    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const store = new FaultyStore(new MemoryStore());
    const { clock, storage } = serverBench({
      store,
      revocations,
      deadline: 50,
      maxSessionsPerUser: 2,
      authKey: 'user',
    });
    await storage.ready();
    const events = eventsOf(storage);
    storage.events.on('refused', () => {
      throw new Error('a listener fails');
    });

    const sid = held(await heldSid(storage, { a: SECRET_DATA }, 'u1'));
    const rotated = held(await issuedBy(storage.commit((await storage.get(sid)).rotate())));
    const alias = await storage.get(sid);
    await failing('alias', () => alias.forClient());
    clock.advance(10_000);
    await failing('replaced', () => storage.get(sid));
    await failing('unknown', () => storage.get(held('AbCdEfGhIjKlMnOpQrStUvWx')));
    await failing('lengthened', () => storage.get(`${rotated}x`));
    await failing('cut off', () => storage.get(rotated.slice(0, -1)));
    await failing('too large', () => storage.get(rotated.repeat(1_000)));
    await failing('an object that holds it', () => storage.get({ sid: rotated, toString: () => rotated }));
    await failing('get options', () => callUntyped(storage, 'get', rotated, { [rotated.slice(0, 3)]: true }));

    const session = await storage.get(rotated);
    for (const how of ['rejects', 'hangs'] as const) {
      store.disconnect(how);
      await failing(`get while the store ${how}`, () => storage.get(rotated));
      await failing(`save while the store ${how}`, () => session.save());
      await failing(`update while the store ${how}`, () => session.update(() => undefined));
      await failing(`revoke while the store ${how}`, () => storage.revoke({ sid: rotated }));
      store.heal();
    }
    log.appending = 'stalls';
    const ended = held(await heldSid(storage, {}, 'u4'));
    await failing('revoke while the log stalls', () => storage.revoke({ sid: ended }));
    log.appending = 'works';
    await failing('data that JSON cannot carry', () =>
      storage.create({ [rotated.slice(0, 5)]: { [rotated.slice(5, 9)]: 1n } }),
    );
    await failing('revoke of a bad target', () => callUntyped(storage, 'revoke', { sid: { sid: rotated } }));
    await failing('revoke of an unknown form', () => callUntyped(storage, 'revoke', { id: rotated }));
    await failing('wait', () => callUntyped(storage, 'revoke', { sid: rotated }, { wait: 'log' }));
    await failing('update of a bad ref', () =>
      callUntyped(storage, 'update', { id: 5, sid: rotated }, () => undefined),
    );
    await failing('update of an unknown one', () => storage.update({ id: rotated, lineage: 'l' }, () => undefined));
    await failing('listOfUser', () => callUntyped(storage, 'listOfUser', { rotated }));
    await failing('assertFits', async () => {
      const changing = await storage.get(rotated);
      await storage.commit(changing.rotate(), {
        assertFits: (one) => {
          held(one);
          throw new Error('no transport');
        },
      });
    });
    await failing('commit of a foreign session', async () => {
      const other = serverBench().storage;
      await callUntyped(storage, 'commit', await other.get(held(await heldSid(other))));
    });
    const bad = await storage.get(held(await heldSid(storage, {}, 'u5')));
    await putBody(store, bad.id, '{"sessionData":5}');
    await failing('unreadable', () => storage.get(bad.forClient()));
    clock.advance(7 * 24 * 3_600_000);
    await failing('expired', () => storage.get(rotated));
    await storage.sweep();
    await failing('options', () => serverBench(Object({ store, [rotated.slice(0, 4)]: 1 })));

    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    for (const [index, event] of events.entries()) findings.push([`event ${index}`, everythingIn(event)]);
    for (const warning of warnings) findings.push(['warning', everythingIn(warning)]);
    await revocations.close();
    expect([events.length, warnings.length, findings.length].every((count) => count > 5)).to.equal(true);
    expectNoLeak();
  });

  it('when a session, a storage or a store’s answer is inspected, and neither do its data', async () => {
    const { storage } = serverBench({ authKey: 'user', sessionData: z.record(z.string(), z.unknown()) });
    const sid = held(await heldSid(storage, { a: SECRET_DATA }, 'u1'));
    const session = await storage.get(sid);
    session.setUser('u2', { card: SECRET_DATA });
    held(session.forClient());
    for (const thing of [session, storage, storage.events, storage.expiry, storage.abilities, storage.errors]) {
      findings.push(['inspection', inspect(thing, { depth: Infinity, showHidden: true })]);
    }
    findings.push(['as text', `${JSON.stringify(storage)} ${String(session)} ${String(storage)}`]);
    findings.push(['in an error’s cause', everythingIn(new Error('outer', { cause: { session: inspect(session) } }))]);
    findings.push(['in a list', everythingIn(await storage.listOfUser('u1'))]);
    findings.push(['health', everythingIn(await storage.health())]);
    expectNoLeak();
    for (const [where, what] of findings) expect(what, where).not.to.include(SECRET_DATA);
    expect(inspect(session)).to.include(session.id).and.include('u2');
  });

  it('would be noticed if it did', () => {
    held('aaaaaaaaaaaabbbbbbbbbbbb');
    findings.push(['planted', everythingIn(new Error('outer', { cause: new Error('a sid: aaaaaaaaaaaabb') }))]);
    expect(expectNoLeak).to.throw('planted');
  });

  it('but is given back by the getter of the error that was made with it', async () => {
    const { storage } = serverBench();
    const sid = 'AbCdEfGhIjKlMnOpQrStUvWx';
    const error = await errorOf(() => storage.get(sid));
    expect(error).to.have.property('sessionId', sid);
    expect(Object.keys(Object(error))).not.to.include('sessionId');
  });
});
