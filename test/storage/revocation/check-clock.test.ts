import { expect } from 'chai';
import { MemoryStore, RevocationList, ServerSessionStorage, SessionStorage } from '../../../src/index.js';
import type { Clock } from '../../../src/ports/clock.js';
import { FakeClock } from '../../../src/testing/index.js';
import { SECRET } from '../../support/sessions.js';

interface Settings {
  readonly revocations: RevocationList;
  readonly clock?: Clock;
}

const STORAGES = {
  SessionStorage: (settings: Settings): void => {
    new SessionStorage({ jwtSecret: SECRET, ...settings });
  },
  ServerSessionStorage: (settings: Settings): void => {
    new ServerSessionStorage({ store: new MemoryStore(), sweepInterval: null, ...settings });
  },
};

describe('The clock of a RevocationList', () => {
  for (const [name, build] of Object.entries(STORAGES)) {
    it(`must be that of a ${name} that uses it`, () => {
      const clock = new FakeClock();
      const revocations = new RevocationList({ clock });
      const message = `${name}: option clock: the RevocationList was given another clock: pass the same clock to both`;
      expect(() => build({ revocations })).to.throw(TypeError, message);
      expect(() => build({ revocations, clock: new FakeClock() })).to.throw(TypeError, message);
      build({ revocations, clock });
    });

    it(`may be left out for a ${name} that has one`, () => {
      build({ revocations: new RevocationList(), clock: new FakeClock() });
    });
  }
});
