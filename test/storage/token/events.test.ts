import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { RevocationList } from '../../../src/index.js';
import { SessionEventEmitter } from '../../../src/storage/events.js';
import { errorOf } from '../../support/outcomes.js';
import { bench, callUntyped } from '../../support/sessions.js';
import { warningsDuring } from '../../support/token-fixtures.js';

describe('storage.events', () => {
  it('calls listeners in the order they came, at once', () => {
    const { storage } = bench();
    const calls: string[] = [];
    storage.events.on('created', () => calls.push('first'));
    storage.events.on('created', () => calls.push('second'));
    storage.commit(storage.create());
    expect(calls).to.deep.equal(['first', 'second']);
  });

  it('calls a listener added twice once', () => {
    const { storage } = bench();
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    storage.events.on('created', listener);
    storage.events.on('created', listener);
    storage.commit(storage.create());
    expect(calls).to.equal(1);
  });

  it('takes a listener off again by the function that on gives', () => {
    const { storage } = bench();
    let calls = 0;
    const off = storage.events.on('created', () => {
      calls += 1;
    });
    storage.commit(storage.create());
    off();
    off();
    storage.commit(storage.create());
    expect(calls).to.equal(1);
  });

  it('refuses an unknown name with a TypeError that names it and lists the others', () => {
    const { events } = bench().storage;
    for (const name of ['destroyed', '', '__proto__', 'constructor', 'toString', undefined]) {
      const error = errorOf(() => callUntyped(events, 'on', name, () => undefined));
      expect(error).to.be.instanceOf(TypeError);
      for (const known of events.names) expect(error.message).to.include(known);
    }
  });

  it('refuses a listener that is not a function', () => {
    const { events } = bench().storage;
    expect(() => callUntyped(events, 'on', 'created', 'log')).to.throw(
      TypeError,
      'events.on("created"): expected a function, got a string',
    );
  });

  it('has a channel for each event, with which it shares what it emits', () => {
    const emitter = new SessionEventEmitter();
    for (const name of emitter.names) {
      expect(emitter.isHeard(name), name).to.equal(false);
      const note = (): void => undefined;
      subscribe(`sessions-jwt:${name}`, note);
      expect(emitter.isHeard(name), name).to.equal(true);
      unsubscribe(`sessions-jwt:${name}`, note);
      const off = emitter.on(name, note);
      expect(emitter.isHeard(name), name).to.equal(true);
      off();
      expect(emitter.isHeard(name), name).to.equal(false);
    }
  });

  it('disturbs neither the request nor other listeners when one throws, and warns without its message', async () => {
    const { storage } = bench({ revocations: new RevocationList() });
    const calls: string[] = [];
    storage.events.on('ended', () => {
      throw new RangeError('hunter2');
    });
    storage.events.on('ended', () => {
      throw 'hunter2';
    });
    storage.events.on('ended', ({ reason }) => calls.push(reason));
    const sid = storage.create().forClient();
    const warnings = await warningsDuring(() => storage.revoke({ sid }));
    expect(calls).to.deep.equal(['revoked']);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SESSIONS_LISTENER_FAILED', 'SESSIONS_LISTENER_FAILED']);
    expect(warnings[0]?.message).to.include('ended').and.include('RangeError');
    expect(JSON.stringify(warnings)).not.to.include('hunter2');
  });

  it('survives a listener that takes itself off, and one that adds another', () => {
    const emitter = new SessionEventEmitter();
    const calls: string[] = [];
    const off = emitter.on('refused', () => {
      calls.push('once');
      off();
    });
    emitter.on('refused', () => calls.push('always'));
    emitter.emit('refused', { reason: 'malformed' });
    emitter.emit('refused', { reason: 'malformed' });
    expect(calls).to.deep.equal(['once', 'always', 'always']);
  });
});
