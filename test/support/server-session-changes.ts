import fc from 'fast-check';
import { type Local, UIDS, type Visit, type World } from './server-session-world.js';

const put = fc
  .tuple(fc.constantFrom('a', 'b', '__proto__'), fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 2 }))
  .map(([key, value]) => putting(key, value));

/** Changes a key of sessionData, or drops it. */
export function putting(key: string, value: number | undefined): Local {
  return {
    name: value === undefined ? `drop ${key}` : `put ${key} = ${value}`,
    isReading: true,
    real: ({ sessionData }) => {
      if (value === undefined) Reflect.deleteProperty(sessionData, key);
      else Object.defineProperty(sessionData, key, { value, enumerable: true, writable: true, configurable: true });
    },
    modelled: (model, request) => model.put(request, 'data', key, value),
  };
}

const putUserData = fc.nat({ max: 2 }).map((value): Local => {
  return {
    name: `put userData.a = ${value}`,
    isReading: true,
    real: ({ uid, userData }) => {
      if (uid !== undefined) userData['a'] = value;
    },
    modelled: (model, request) => {
      if (request.mine.uid !== undefined) model.put(request, 'userData', 'a', value);
    },
  };
});

const setUser = fc
  .tuple(
    fc.constantFrom(UIDS[0], ...UIDS, undefined, 'the same'),
    fc.option(fc.subarray(['a', 'b', 'count']), { nil: undefined }),
  )
  .map(([whom, keep]) => setUserTo(whom, keep));

/** The same, to whom it is said. */
export function setUserTo(whom: string | undefined, keep?: readonly string[]): Local {
  const uidFor = (own: string | undefined): string | undefined => (whom === 'the same' ? own : whom);
  return {
    name: `setUser ${whom}${keep === undefined ? '' : ` and keep ${keep}`}`,
    real: (session) => {
      const uid = uidFor(session.uid);
      session.setUser(uid === undefined ? null : { _id: uid }, keep && { keep });
    },
    modelled: (model, request) => model.setUser(request, uidFor(request.mine.uid), keep),
  };
}

const setLifetime = fc
  .record(
    {
      idleTimeout: fc.oneof(fc.constant(900), fc.integer({ min: 15_000, max: 16_000 })),
      absoluteTimeout: fc.constant(20_000),
    },
    { requiredKeys: [] },
  )
  .map((life): Local => {
    return {
      name: `setLifetime ${JSON.stringify(life)}`,
      real: (session) => session.setLifetime(life),
      modelled: (model, request) => model.change(request, { life: Object.keys(life).length === 0 ? undefined : life }),
    };
  });

/** Two who set the same are told from one only by what they set it to. */
const setDevice = fc.nat().map((device): Local => {
  return {
    name: `device ${device}`,
    real: (session) => {
      session.info = { device };
    },
    modelled: (model, request) => model.change(request, { device }),
  };
});

const force = fc.constantFrom('one' as const, 'all' as const).map((which): Local => {
  return {
    name: `force ${which}`,
    real: (session) => session.forceInvalidate(which === 'one' ? 'CurrentSessionId' : 'AllSessionIdsOfLoggedUser'),
    modelled: (_, request) => {
      request.force = which;
    },
  };
});

const simple = fc.constantFrom<Local>(
  { name: 'read', isReading: true, real: ({ sessionData, userData }) => [sessionData, userData], modelled: () => {} },
  {
    name: 'rotate',
    real: (session) => session.rotate(),
    modelled: (model, request) => model.rotate(request),
  },
  {
    name: 'regenerate',
    real: (session) => void session.regenerate(),
    modelled: (model, request) => model.regenerate(request),
  },
  {
    name: 'sign out',
    real: (session) => session.revoke(),
    modelled: (_, request) => {
      request.isRevoked = true;
    },
  },
);

/** What an application does to the session of its request. */
export const local: fc.Arbitrary<Local> = fc.oneof(
  { weight: 5, arbitrary: put },
  { weight: 1, arbitrary: putUserData },
  { weight: 3, arbitrary: setUser },
  { weight: 1, arbitrary: setLifetime },
  { weight: 1, arbitrary: setDevice },
  { weight: 1, arbitrary: force },
  { weight: 4, arbitrary: simple },
);

/** Does it; says what was done. */
export function change(world: World, visit: Visit, step: Local): string {
  const what = `${step.name} in ${visit.name}`;
  if (world.model.request(visit.name).isRevoked) return `not ${what}`;
  // Who signed in first is to be clear.
  if (step.name.startsWith('setUser')) world.pass(1);
  world.change(visit, step);
  return what;
}
