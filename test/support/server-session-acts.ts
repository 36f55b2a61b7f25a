import fc from 'fast-check';
import { type RevokeTarget, SessionEnded, SessionNotFound, StoreUnavailable } from '../../src/index.js';
import { change, local, putting, setUserTo } from './server-session-changes.js';
import type { Data, Facts } from './server-session-facts.js';
import type { ServerSessionModel } from './server-session-model.js';
import { reasonWithGrace, type Storage } from './server-session-view.js';
import { type Act, type Choice, UIDS, type Visit, type World } from './server-session-world.js';

/** What is to be done, once it is known to what; nothing where there is nothing to do it to. */
export type Plan = (world: World) => Act | undefined | Promise<Act | undefined>;

type Plans = fc.Arbitrary<Plan>;

/** Mostly those that live, and of them mostly the newest. */
export const choice: fc.Arbitrary<Choice> = fc.record({
  at: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 100 })),
  isAny: fc.nat({ max: 4 }).map((one) => one === 4),
});

const client = fc.constantFrom(0 as const, 1 as const);

/** Does it; says what was done. */
export async function perform(world: World, plan: Plan): Promise<string> {
  const act = await plan(world);
  if (act === undefined) return 'nothing';
  await world.ask([act]);
  return act.name;
}

type Write = (world: World, visit: Visit) => Act;

function commit(world: World, visit: Visit): Act {
  const { mine, force } = world.model.request(visit.name);
  return {
    name: `commit ${visit.name}`,
    ends: force === 'all' ? mine.uid : undefined,
    ...rotation(world, visit, 'withheld'),
    real: () => unlessLost(world.commit(visit)),
    modelled: (model) => {
      const request = model.request(visit.name);
      const outcome = model.commit(request);
      return outcome === 'issued' ? `issued until ${request.held?.expires}` : outcome;
    },
  };
}

function save(world: World, visit: Visit): Act {
  return {
    name: `save ${visit.name}`,
    ...rotation(world, visit, false),
    real: () => unlessLost(isStored(visit.session.save())),
    modelled: (model) => model.save(model.request(visit.name)),
  };
}

function update(world: World, visit: Visit): Act {
  return {
    name: `count up in ${visit.name}`,
    ...rotation(world, visit, false),
    real: () => unlessLost(isStored(visit.session.update(countUp))),
    modelled: (model) => model.save(model.request(visit.name), countedUp),
  };
}

/** What there is to say of a write that may be a rotation, and what it comes to when it is refused. */
function rotation(world: World, visit: Visit, refused: unknown): Pick<Act, 'visit' | 'concerns' | 'overtaken'> {
  const { mine, base, force } = world.model.request(visit.name);
  return {
    visit,
    concerns: mine.id !== base?.id || force !== undefined ? (mine.uid ?? 'nobody') : undefined,
    overtaken: (model) => {
      model.request(visit.name).isOver = true;
      return refused;
    },
  };
}

/** What is lost here shows. */
function countUp(data: Record<string, number>): void {
  data['count'] = (data['count'] ?? 0) + 1;
}

function countedUp(data: Data): Data {
  return new Map([...data, ['count', (data.get('count') ?? 0) + 1]]);
}

/** What work comes to, or `otherwise` when it fails with an error of this type. */
async function unless<Result, Otherwise>(
  type: abstract new (...given: never[]) => Error,
  otherwise: Otherwise,
  work: Promise<Result>,
): Promise<Result | Otherwise> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof type) return otherwise;
    throw error;
  }
}

/** The sign-in of a session that is gone without a trace is an error, which says to try again. */
function unlessLost<Result>(work: Promise<Result>): Promise<Result | 'unavailable'> {
  return unless(StoreUnavailable, 'unavailable', work);
}

function isStored(work: Promise<unknown>): Promise<boolean> {
  return unless(
    SessionEnded,
    false,
    work.then(() => true),
  );
}

const writing = fc.constantFrom<Write>(commit, commit, commit, commit, save, update);

/** Writes the session of a request under way. */
export const write: Plans = fc.tuple(choice, writing).map(([which, one]) => {
  return onVisit(which, (world, visit) => one(world, visit));
});

/** Opens a session for a request. */
export const open: Plans = fc.tuple(choice, client, fc.nat({ max: 3 })).map(([which, via, passive]) => (world) => {
  const credential = world.credentialAt(which);
  if (credential === undefined) return undefined;
  const name = world.newRequest();
  const storage = world.storages[via];
  const touch = passive > 0;
  return {
    name: `open ${credential.id} as ${name}${touch ? '' : ', passively'}`,
    real: async () => {
      try {
        world.begin(name, storage, await storage.get(credential.sid, { touch }));
        return 'opened';
      } catch (error) {
        return reasonWithGrace(error);
      }
    },
    modelled: (model) => model.open(name, credential.id, touch),
    // It takes two steps where a rotation, perhaps one at the same time, has replaced the id.
    concerns: 'somebody',
    overtaken: () => 'revoked',
  };
});

/** Begins a session. */
export const create: Plans = fc.tuple(client, fc.boolean()).map(([via, isBlank]) => (world) => {
  return creating(world, via, isBlank);
});

function creating(world: World, via: 0 | 1, isBlank: boolean): Act {
  const name = world.newRequest();
  const storage = world.storages[via];
  return {
    name: `${isBlank ? 'begin' : 'create'} ${name}`,
    real: async () => void world.begin(name, storage, isBlank ? storage.blank() : await storage.create()),
    modelled: (model) => (isBlank ? model.blank(name) : model.create(name)),
  };
}

/** Sessions of some user each, or of nobody, so that there is something to do things to. */
export async function beginAll(world: World, uids: readonly (string | undefined)[]): Promise<void> {
  for (const uid of uids) {
    await world.ask([creating(world, 0, false)]);
    for (const visit of world.visits.slice(-1)) {
      change(world, visit, putting('a', 0));
      if (uid !== undefined) change(world, visit, setUserTo(uid));
      await world.ask([commit(world, visit)]);
    }
  }
}

/** A request from beginning to end; its last write is what is left to do. */
export const visited: Plans = fc
  .tuple(open, fc.array(local, { maxLength: 3 }), writing)
  .map(([plan, steps, last]) => async (world) => {
    const { length } = world.visits;
    await perform(world, plan);
    const visit = world.visits[length];
    if (visit === undefined) return undefined;
    const done: string[] = [];
    for (const step of steps) done.push(change(world, visit, step));
    const act = last(world, visit);
    return { ...act, name: [...done, act.name].join(', ') };
  });

const endSid: Plans = choice.map((which) => (world) => {
  const credential = world.credentialAt(which);
  if (credential === undefined) return undefined;
  const { sid, id } = credential;
  return revokingOne(world.storages[0], { sid }, `the sid of ${id}`, (model) => model.revoke(id) === 'ended');
});

const endNamed: Plans = fc.tuple(choice, fc.boolean()).map(([which, isListed]) => {
  return onStored(which, (world, { session: { id, lineage, uid = UIDS[0] } }) => {
    const name = world.nameOf(id);
    if (!isListed)
      return revokingOne(world.storages[0], { id, lineage }, name, (model) => model.revoke(name) === 'ended');
    const what = `${name} of ${uid}`;
    return revokingOne(world.storages[0], { id, uid }, what, (model) => model.revoke(name, uid) === 'ended');
  });
});

const endSession: Plans = fc.tuple(choice, fc.boolean()).map(([which, isDestroyed]) => {
  return onVisit(which, (_, visit) => {
    const { name, session, storage } = visit;
    const ended = (model: ServerSessionModel): boolean => model.revokeSession(model.request(name));
    const destroyed = {
      real: async () => void (await session.destroy()),
      modelled: (model: ServerSessionModel) => void ended(model),
    };
    if (isDestroyed) return { name: `destroy ${name}`, visit, ...destroyed };
    return {
      ...revokingOne(storage, session, `the session of ${name}`, ended),
      visit,
    };
  });
});

const endUser: Plans = fc.constantFrom(...UIDS).map((uid) => (world) => {
  return { ...revokingAll(world.storages[0], { uid }, uid, (model) => model.revokeUser(uid)), ends: uid };
});

/** All of a user's but one. It forgets a rotation that it met on its way, so that what other requests are told of it may differ. */
export const endOthers: Plans = choice.map((which) => {
  return onVisit(which, (world, { session }) => {
    const { uid = UIDS[0], lineage } = session;
    const name = world.nameOf(lineage);
    return revokingAll(world.storages[0], { uid, except: session }, `${uid} except ${name}`, (model) => {
      model.revokeUser(uid, name);
    });
  });
});

/** Ends sessions from outside of their requests, or within them at once. */
export const end: Plans = fc.oneof(endSid, endNamed, endSession, endUser);

export const endEveryone: Plans = fc.constant((world: World) => {
  const act = revokingAll(world.storages[0], 'everyone', 'everyone', (model) => model.revokeEveryone());
  return { ...act, ends: 'everyone' };
});

/** Ends one session, or none, if the model has it so. */
function revokingOne(
  storage: Storage,
  target: RevokeTarget,
  name: string,
  isEnding: (model: ServerSessionModel) => boolean,
): Act {
  return {
    name: `revoke ${name}`,
    // Of a session without a user that left no trace nobody can say whether it was there.
    real: async () => (await storage.revoke(target)).ended ?? 0,
    modelled: (model) => Number(isEnding(model)),
  };
}

/** Ends several, uncounted: one that is being rotated has two records, and one that has expired may be there or not. */
function revokingAll(
  storage: Storage,
  target: RevokeTarget,
  name: string,
  modelled: (model: ServerSessionModel) => void,
): Act {
  return { name: `revoke ${name}`, real: async () => void (await storage.revoke(target)), modelled };
}

const updateOutside: Plans = fc.tuple(choice, client, fc.boolean()).map(([which, via, isListed]) => {
  return onStored(which, (world, { session: { id, lineage, uid = UIDS[0] } }) => {
    const [name, lineageName] = [world.nameOf(id), world.nameOf(lineage)];
    // While a rotation of a session that is gone is being stored, it is found by its earlier ids, until its record is dropped.
    if (!world.model.knows(name) && world.model.isRotating) return undefined;
    return {
      name: `count up in ${name} from outside`,
      real: () => isFound(world.storages[via].update(isListed ? { id, uid } : { id, lineage }, countUp)),
      modelled: (model) => {
        const isMeant = (found: Facts): boolean => (isListed ? found.uid === uid : found.lineage === lineageName);
        return model.update(name, isListed ? uid : undefined, isMeant, countedUp);
      },
    };
  });
});

const check: Plans = fc.tuple(choice, client).map(([which, via]) => {
  return onStored(which, (world, { session: { id, lineage } }) => {
    const [name, lineageName] = [world.nameOf(id), world.nameOf(lineage)];
    return {
      name: `check ${name}`,
      real: async () => {
        const found = await world.storages[via].check({ id, lineage });
        return typeof found === 'object' ? found.expires : found;
      },
      modelled: (model) => model.check(name, lineageName),
    };
  });
});

const sweep: Plans = client.map((via) => (world) => {
  return {
    name: 'sweep',
    real: async () => void (await world.storages[via].sweep()),
    modelled: (model) => {
      if (world.kind.isSwept) model.sweep();
    },
  };
});

/** What goes on outside of requests, but for ending. */
export const outside: Plans = fc.oneof(updateOutside, check, sweep);

function isFound(work: Promise<unknown>): Promise<boolean> {
  return unless(
    SessionNotFound,
    false,
    work.then(() => true),
  );
}

function onVisit(which: Choice, plan: (world: World, visit: Visit) => Act): Plan {
  return (world) => {
    const visit = world.visitAt(which);
    return visit && plan(world, visit);
  };
}

/** By its id, which others know once something is stored under it. */
function onStored(which: Choice, plan: (world: World, visit: Visit) => Act | undefined): Plan {
  return (world) => {
    const visit = world.visitAt(which);
    const { mine, base } = visit === undefined ? {} : world.model.request(visit.name);
    return mine?.id === base?.id ? visit && plan(world, visit) : undefined;
  };
}
