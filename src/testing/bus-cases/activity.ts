import assert from 'node:assert/strict';
import type { TabActivity } from '../../ports/bus.js';
import { HOUR } from './bench.js';
import type { BusCases } from './case.js';

const MOST_TABS = 1_000;

function byInstance(tabs: readonly TabActivity[]): TabActivity[] {
  return [...tabs].sort((a, b) => (a.instance < b.instance ? -1 : 1));
}

export const activityCases: BusCases = {
  title: 'stamp',
  cases: [
    {
      title: 'stores tabs with all that is known of them, for every process',
      async run(bench) {
        const lineage = bench.name();
        const tabs = [
          bench.tab({ lineage }),
          bench.tab({ lineage, uid: undefined, isVisible: undefined, at: 0, openUntil: 0 }),
          bench.tab({ lineage, isVisible: false, instance: '__proto__' }),
        ];
        const other = bench.tab();
        await bench.first.stamp([...tabs, other], HOUR);
        assert.deepEqual(byInstance(await bench.second.tabs(lineage)), byInstance(tabs));
        assert.deepEqual(await bench.second.tabs(other.lineage), [other]);
        assert.deepEqual(await bench.second.tabs(bench.name()), []);
        assert.equal(await bench.first.stamp([], HOUR), undefined);
      },
    },
    {
      title:
        'never moves `at` back, replaces the other fields that are present, and keeps the rest, also within one call',
      async run(bench) {
        const tab = bench.tab();
        const { lineage, uid, instance } = tab;
        const late = { ...tab, at: tab.at - 10, isVisible: false, openUntil: 0 };
        await bench.first.stamp([tab], HOUR);
        await bench.second.stamp([late], HOUR);
        assert.deepEqual(await bench.first.tabs(lineage), [{ ...late, at: tab.at }]);
        await bench.second.stamp([{ lineage, uid, instance, openUntil: 5 }], HOUR);
        assert.deepEqual(await bench.first.tabs(lineage), [{ ...late, at: tab.at, openUntil: 5 }]);
        const later = { ...tab, at: tab.at + 10 };
        await bench.first.stamp([later, { lineage, uid, instance, isVisible: false }], HOUR);
        assert.deepEqual(await bench.second.tabs(lineage), [{ ...later, isVisible: false }]);
      },
    },
    {
      title: 'takes 0 for what is not known of a new tab',
      async run(bench) {
        const { lineage, uid, instance } = bench.tab();
        await bench.first.stamp([{ lineage, uid, instance, isVisible: true }], HOUR);
        const expected = { lineage, uid, instance, at: 0, isVisible: true, openUntil: 0 };
        assert.deepEqual(await bench.second.tabs(lineage), [expected]);
      },
    },
    {
      title: 'keeps the 1,000 tabs of a session that were active last',
      async run(bench) {
        const lineage = bench.name();
        const tabs = Array.from({ length: MOST_TABS }, (_, at) => bench.tab({ lineage, at: bench.now + at }));
        await bench.first.stamp(tabs, HOUR);
        assert.equal((await bench.second.tabs(lineage)).length, MOST_TABS);
        const more = [0, 1].map((at) => bench.tab({ lineage, at: bench.now + MOST_TABS + at }));
        await bench.second.stamp(more, HOUR);
        assert.deepEqual(byInstance(await bench.first.tabs(lineage)), byInstance([...tabs.slice(2), ...more]));
      },
    },
    {
      title: 'allTabs returns those active at or after a time, the latest first, at most `limit`',
      async run(bench) {
        const tabs = [3, 1, 2, 0].map((at) => bench.tab({ at: bench.now + at }));
        await bench.first.stamp(tabs, HOUR);
        const [last, first, middle] = tabs;
        assert.deepEqual(await bench.second.allTabs(bench.now + 1, 10), [last, middle, first]);
        assert.deepEqual(await bench.second.allTabs(bench.now + 1, 2), [last, middle]);
        assert.deepEqual(await bench.second.allTabs(bench.now + 4, 10), []);
      },
    },
    {
      title: 'users returns each user once, the latest first, at most `limit`, and countUsers counts all',
      async run(bench) {
        const [ada, bob, eve] = [bench.name(), bench.name(), bench.name()];
        const seen = [
          [ada, 5],
          [bob, 4],
          [ada, 1],
          [eve, 2],
          [undefined, 9],
        ] as const;
        await bench.first.stamp(
          seen.map(([uid, at]) => bench.tab({ uid, at: bench.now + at })),
          HOUR,
        );
        const all = [
          { uid: ada, at: bench.now + 5 },
          { uid: bob, at: bench.now + 4 },
          { uid: eve, at: bench.now + 2 },
        ];
        assert.deepEqual(await bench.second.users(bench.now, 10), all);
        assert.deepEqual(await bench.second.users(bench.now, 2), all.slice(0, 2));
        assert.deepEqual(await bench.second.users(bench.now + 4, 10), all.slice(0, 2));
        assert.equal(await bench.second.countUsers(bench.now), 3);
        assert.equal(await bench.second.countUsers(bench.now + 3), 2);
        assert.equal(await bench.second.countUsers(bench.now + 6), 0);
      },
    },
    {
      title: 'what is too old is gone from every list',
      async run(bench) {
        const tab = bench.tab();
        await bench.first.stamp([tab], 1);
        await bench.outlived(bench.first);
        assert.deepEqual(await bench.second.tabs(tab.lineage), []);
        assert.deepEqual(await bench.second.allTabs(bench.now, 10), []);
        assert.deepEqual(await bench.second.users(bench.now, 10), []);
        assert.equal(await bench.second.countUsers(bench.now), 0);
        await bench.second.stamp([{ ...tab, at: 0 }], HOUR);
        assert.deepEqual(await bench.first.tabs(tab.lineage), [{ ...tab, at: 0 }]);
      },
    },
    {
      title: 'keeps each tab of a session for the life of its own last stamp',
      async run(bench) {
        const lineage = bench.name();
        const [brief, lasting, renewed] = ['brief', 'lasting', 'renewed'].map((instance) =>
          bench.tab({ lineage, instance }),
        );
        assert.ok(brief !== undefined && lasting !== undefined && renewed !== undefined);
        await bench.first.stamp([renewed], 1);
        await bench.first.stamp([lasting, renewed], HOUR);
        await bench.second.stamp([brief], 1);
        await bench.outlived(bench.first);
        assert.deepEqual(byInstance(await bench.second.tabs(lineage)), [lasting, renewed]);
        await bench.first.stamp([brief], 1);
        await bench.outlived(bench.first);
        await bench.second.stamp([lasting], HOUR);
        assert.deepEqual(byInstance(await bench.first.tabs(lineage)), [lasting, renewed]);
        const listed = (await bench.first.allTabs(bench.now, 10)).filter((tab) => tab.lineage === lineage);
        assert.deepEqual(byInstance(listed), [lasting, renewed]);
      },
    },
    {
      title: 'lineageOf returns the lineage that was named last for an id, until it is too old',
      async run(bench) {
        const [id, lineage] = [bench.name(), bench.name()];
        assert.equal(await bench.first.lineageOf(id), undefined);
        await bench.first.nameLineage(id, bench.name(), HOUR);
        await bench.second.nameLineage(id, lineage, HOUR);
        assert.equal(await bench.first.lineageOf(id), lineage);
        assert.equal(await bench.second.lineageOf(id), lineage);
        assert.equal(await bench.first.take(id), undefined);
        await bench.outlived(bench.first);
        assert.equal(await bench.first.lineageOf(id), lineage);
      },
    },
  ],
};
