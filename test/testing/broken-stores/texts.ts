import { SessionAlreadyExists, StoreUnavailable } from '../../../src/errors.js';
import { type BrokenStore, broken } from './broken-store.js';

export const texts: readonly BrokenStore[] = [
  broken('lists by the beginning of a name', 'ids and uids: users with similar uids are kept apart', (intact) => {
    const uids = new Set<string>();
    return {
      create: async (record) => {
        await intact.create(record);
        if (record.uid !== null) uids.add(record.uid);
      },
      ofUser: async (uid, now) => {
        const similar = [...uids].filter((one) => one.startsWith(uid));
        return (await Promise.all(similar.map((one) => intact.ofUser(one, now)))).flat();
      },
    };
  }),
  broken('keeps ids as names of an object', 'ids and uids: ids may be property names of objects', (intact) => {
    const taken = {};
    return {
      create: async (record) => {
        if (record.id in taken) throw new SessionAlreadyExists();
        await intact.create(record);
      },
      load: async (id, now) => (id in taken ? Reflect.get(taken, id) : intact.load(id, now)),
    };
  }),
  broken(
    'cuts long ids',
    'ids and uids: ids that differ only in case, or only in their last character, are different',
    (intact) => ({
      create: (record) => intact.create({ ...record, id: record.id.slice(0, 43) }),
    }),
  ),
  broken('trims uids', 'ids and uids: users with similar uids are kept apart', (intact) => ({
    create: (record) => intact.create({ ...record, uid: record.uid?.trim() ?? null }),
    ofUser: (uid, now) => intact.ofUser(uid.trim(), now),
  })),
  broken('brings uids into a normal form', 'ids and uids: users with similar uids are kept apart', (intact) => ({
    create: (record) => intact.create({ ...record, uid: record.uid?.normalize() ?? null }),
    ofUser: (uid, now) => intact.ofUser(uid.normalize(), now),
  })),
  broken(
    'cannot keep long uids',
    'ids and uids: uids may be any well-formed text of up to 255 UTF-16 units without U+0000',
    (intact) => ({
      create: (record) => intact.create({ ...record, uid: record.uid?.slice(0, 191) ?? null }),
    }),
  ),
  broken('reads the body', 'body: is returned character by character, however the JSON text is written', (intact) => ({
    create: (record) => intact.create({ ...record, body: JSON.stringify(JSON.parse(record.body)) }),
  })),
  broken(
    'keeps two bytes of a character',
    'body: may contain every Unicode code point, and lone surrogates as JSON.stringify writes them',
    (intact) => ({
      create: (record) => intact.create({ ...record, body: record.body.replace(/[\u{10000}-\u{10ffff}]/gu, '\ufffd') }),
    }),
  ),
  broken('has room for a million characters', 'size: a body may have 1048576 bytes', (intact) => ({
    create: (record) => intact.create({ ...record, body: record.body.slice(0, 500_000) }),
  })),
  broken(
    'ends a thousand sessions at most',
    'size: a user may have 1000 sessions: ofUser returns each, and deleteOfUser ends all in one call',
    (intact) => ({
      deleteOfUser: async (uid) => (await intact.deleteOfUser(uid)).slice(0, 999),
    }),
  ),
  broken(
    'has room for 63 characters',
    'ids and uids: ids and lineages may have 1 to 64 characters of A-Z a-z 0-9 _ -',
    (intact) => ({
      create: (record) => intact.create({ ...record, lineage: record.lineage.slice(0, 63) }),
    }),
  ),
  broken('keeps uids as names of an object', 'ids and uids: uids may be property names of objects', (intact) => {
    const users = {};
    return { ofUser: async (uid, now) => (uid in users ? [] : intact.ofUser(uid, now)) };
  }),
  broken('refuses lone surrogates', 'body: may contain any JSON value', (intact) => ({
    create: async (record) => {
      if (/\\ud[89a-f]/.test(record.body)) throw new StoreUnavailable('unsupported Unicode escape sequence');
      await intact.create(record);
    },
  })),
];
