import { inspect } from 'node:util';
import { expect } from 'chai';
import { z } from 'zod';
import { RevocationList, SessionStorage } from '../../../src/index.js';
import { eventsOf } from '../../support/events.js';
import { type FakeTime, fakeTime } from '../../support/fake-time.js';
import { FaultyLog } from '../../support/faulty-log.js';
import { callUntyped, issuedBy, SECRET } from '../../support/sessions.js';
import { NOW } from '../../support/token-fixtures.js';

/** All that can be read off a value: its texts, own properties, causes and what inspection shows of it. */
function everythingIn(value: unknown): string {
  const options = { depth: Infinity, showHidden: true, breakLength: Infinity } as const;
  const shown = [inspect(value, options), inspect(value, { ...options, customInspect: false }), JSON.stringify(value)];
  if (!(value instanceof Error)) return shown.join('\n');
  return [...shown, String(value), value.message, value.stack, everythingIn(value.cause)].join('\n');
}

describe('Nothing of a credential leaves by the back door (row 64)', () => {
  /** Tokens that must not be found anywhere. */
  const tokens = new Set<string>();
  /** What was found out, and where. */
  const findings: [where: string, what: string][] = [];
  let time: FakeTime;

  function token(sid: string): string {
    tokens.add(sid);
    return sid;
  }

  function record(where: string, what: unknown): void {
    findings.push([where, everythingIn(what)]);
  }

  async function failing(where: string, action: () => unknown): Promise<void> {
    try {
      const result = action();
      if (result instanceof Promise) {
        result.catch(() => undefined);
        await time.pass(3000);
      }
      await result;
    } catch (error) {
      record(where, error);
      return;
    }
    throw new Error(`${where}: it did not fail`);
  }

  function expectNoLeak(): void {
    const secrets = [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex')];
    for (const sid of tokens) {
      const [, payload = '', signature = ''] = sid.split('.');
      secrets.push(payload);
      // An excerpt is a leak as well.
      for (let at = 0; at + 12 <= signature.length; at += 1) secrets.push(signature.slice(at, at + 12));
    }
    expect(secrets.length).to.be.above(12);
    for (const [where, what] of findings) {
      for (const secret of secrets) if (what.includes(secret)) expect.fail(`${where} shows ${secret}: ${what}`);
    }
  }

  before(() => {
    time = fakeTime(NOW);
  });

  after(() => {
    time.restore();
  });

  it('in errors, causes, stacks, events, warnings and inspection, whatever goes wrong', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', onWarning);

    const log = new FaultyLog();
    const revocations = new RevocationList({ log });
    const storage = new SessionStorage({ jwtSecret: SECRET, revocations, timeToLive: 60_000, issuer: 'a' });
    const events = eventsOf(storage);
    await storage.ready();
    storage.events.on('refused', () => {
      throw new Error('a listener fails');
    });

    const made = storage.create({ a: 1 }).setUser('u1', { name: 'Ada' });
    const sid = token(await issuedBy(storage.commit(made)));
    const rotated = token(await issuedBy(storage.commit(storage.get(sid).rotate())));
    token(await issuedBy(storage.commit(storage.get(rotated).setUser('u2'))));
    const foreign = token(new SessionStorage({ jwtSecret: SECRET }).create().forClient());
    const unsigned = token(new SessionStorage({ jwtAlgorithm: 'none' }).create({ b: 'unsigned' }).forClient());

    await failing('superseded', () => storage.get(sid));
    await failing('wrong issuer', () => storage.get(foreign));
    await failing('unsigned', () => storage.get(unsigned));
    await failing('altered', () => storage.get(`${sid.slice(0, -3)}AAA`));
    await failing('cut off', () => storage.get(sid.slice(0, -20)));
    await failing('lengthened', () => storage.get(`${sid}x`));
    await failing('doubled', () => storage.get(`${sid}${sid}`));
    await failing('without a dot', () => storage.get(sid.replace('.', '')));
    await failing('header lost', () => storage.get(sid.slice(sid.indexOf('.') + 1)));
    await failing('payload as header', () => storage.get(sid.split('.').reverse().join('.')));
    await failing('too large', () => storage.get(sid.repeat(60)));
    await failing('an object that holds it', () => storage.get({ sid, toString: () => sid }).toString());

    const keyless = new SessionStorage({ jwtSecret: 'k'.repeat(64) });
    await failing('bad signature', () => keyless.get(sid));
    const strict = new SessionStorage({ jwtSecret: SECRET, issuer: 'a', sessionData: z.object({ b: z.string() }) });
    await failing('invalid data', () => strict.get(sid));
    const migrating = new SessionStorage({
      jwtSecret: SECRET,
      issuer: 'a',
      sessionData: z.object({ b: z.string() }),
      migrate: () => {
        throw new Error('cannot');
      },
    });
    await failing('migration', () => migrating.get(sid));

    const session = storage.create({ a: 1 }).setUser('u3');
    const mine = token(await issuedBy(storage.commit(session)));
    await failing('too large to send', () =>
      storage.commit(storage.get(mine).set('sessionData', { text: 'x'.repeat(20_000) })),
    );
    await failing('not JSON', () => storage.get(mine).set('sessionData', { [mine.slice(0, 5)]: 1n }));
    await failing('assertFits', () =>
      storage.commit(storage.get(mine).save(), {
        assertFits: (one) => {
          token(one);
          throw new Error('no transport');
        },
      }),
    );
    await failing('set', () => callUntyped(storage.get(mine), 'set', 'uid', 'u4'));
    await failing('setLifetime', () => callUntyped(storage.get(mine), 'setLifetime', { idleTimeout: mine }));
    await failing('revoke a bad target', () => callUntyped(storage, 'revoke', { sid: { sid: mine } }));
    await failing('wait', () => callUntyped(storage, 'revoke', { sid: mine }, { wait: mine }));
    await failing('options', () => new SessionStorage(JSON.parse(JSON.stringify({ jwtSecret: SECRET, ttl: 1 }))));
    await failing('secret with none', () => new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'none' }));
    await failing('secret as a key', () => new SessionStorage({ jwtSecret: SECRET, jwtAlgorithm: 'RS256' }));

    log.appending = 'fails';
    await failing('log down', () => storage.revoke({ sid: mine }));
    await failing('revoked', () => storage.get(mine));
    await failing('ended', () => session.revoke('signed out').save());
    const slow = storage.create({ a: 1 });
    await failing('sign-out with the log down', () => storage.commit(storage.get(token(slow.forClient())).revoke()));
    const last = storage.create();
    token(last.forClient());
    log.appending = 'works';
    await time.pass(10_000);
    log.reading = 'stalls';
    await time.pass(30_001);
    await failing('stale', () => storage.get(token(last.forClient())));
    log.reading = 'works';
    log.beat();
    await time.pass(0);
    const aged = token(storage.create().forClient());
    await time.pass(30_000);
    log.beat();
    await time.pass(30_000);
    await failing('expired', () => storage.get(aged));

    for (const [index, event] of events.entries()) record(`event ${index}`, event);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    for (const warning of warnings) record('warning', warning);
    for (const thing of [storage, session, made, slow, storage.events, revocations, storage.expiry, storage.health()]) {
      record('inspection', thing);
    }
    const emptied = [storage.get(token(storage.create({ b: 2 }).forClient())), storage.abilities, storage.errors];
    record('inspection of more', emptied);
    await revocations.close();

    expect(events.length).to.be.above(20);
    expect(warnings.length).to.be.above(3);
    expectNoLeak();
  });

  it('would be noticed if it did', () => {
    tokens.add('aaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccc');
    record('planted', new Error('outer', { cause: new Error('a token: x.y.cccccccccccccccccccccccc') }));
    expect(expectNoLeak).to.throw('planted');
  });

  it('but is given back by the getter of the error that was made with it', () => {
    const storage = new SessionStorage({ jwtSecret: SECRET });
    const sid = new SessionStorage({ jwtSecret: 'k'.repeat(64) }).create().forClient();
    try {
      storage.get(sid);
      expect.fail('it was taken');
    } catch (error) {
      expect(error).to.have.property('sessionId', sid);
      expect(Object.keys(Object(error))).not.to.include('sessionId');
    }
  });
});
