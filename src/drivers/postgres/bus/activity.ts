import type { TabActivity, TabSign, UserActivity } from '../../../ports/bus.js';
import { MOST_TABS, mergedSigns } from '../../../ports/tab-signs.js';
import type { Row } from '../../shared/rows.js';
import type { Connection } from '../connection.js';
import { prepared, type Statement } from '../statements.js';
import { NOW } from './clock.js';
import type { BusTables } from './tables.js';

/** The maximum number of tabs in one statement, and of outdated ones that it removes. */
const AT_ONCE = 500;

/** What is known of tabs and users. */
export class PostgresActivity {
  readonly #connection: Connection;
  readonly #statements: Readonly<Record<Operation, Statement>>;

  constructor(tables: BusTables, connection: Connection) {
    this.#connection = connection;
    this.#statements = activityStatements(tables);
  }

  async stamp(tabs: readonly TabSign[], life: number): Promise<void> {
    const merged = mergedSigns(tabs);
    for (let at = 0; at < merged.length; at += AT_ONCE) {
      const some = JSON.stringify(merged.slice(at, at + AT_ONCE));
      await this.#connection.perform(async (run) => {
        await run(this.#statements.stamp, [some, life]);
        await run(this.#statements.trim, [some]);
      });
    }
  }

  async tabs(lineage: string): Promise<readonly TabActivity[]> {
    return (await this.#connection.perform((run) => run(this.#statements.tabs, [lineage]))).map(asTab);
  }

  async allTabs(since: number, limit: number): Promise<readonly TabActivity[]> {
    return (await this.#connection.perform((run) => run(this.#statements.allTabs, [since, limit]))).map(asTab);
  }

  async users(since: number, limit: number): Promise<readonly UserActivity[]> {
    const rows = await this.#connection.perform((run) => run(this.#statements.users, [since, limit]));
    return rows.map((row) => ({ uid: String(row['uid']), at: Number(row['at']) }));
  }

  async countUsers(since: number): Promise<number> {
    const [row] = await this.#connection.perform((run) => run(this.#statements.countUsers, [since]));
    return Number(row?.['users']);
  }
}

type Operation = 'stamp' | 'trim' | 'tabs' | 'allTabs' | 'users' | 'countUsers';

function activityStatements({ tabs }: BusTables): Readonly<Record<Operation, Statement>> {
  const columns = 'lineage, instance, uid, at, is_visible, open_until';
  return {
    // In the order of their keys, so that no two calls wait for each other.
    stamp: prepared(`
      INSERT INTO ${tabs} AS known (${columns}, due_at)
      SELECT lineage, instance, uid, coalesce(at, 0), "isVisible", "openUntil", ${NOW} + $2::bigint
      FROM json_to_recordset($1::json)
        AS tab(lineage text, instance text, uid text, at bigint, "isVisible" boolean, "openUntil" bigint)
      ORDER BY lineage COLLATE "C", instance COLLATE "C"
      ON CONFLICT (lineage, instance) DO UPDATE SET uid = excluded.uid, due_at = excluded.due_at,
        is_visible = coalesce(excluded.is_visible, CASE WHEN known.due_at > ${NOW} THEN known.is_visible END),
        open_until = coalesce(excluded.open_until, CASE WHEN known.due_at > ${NOW} THEN known.open_until END),
        at = CASE WHEN known.due_at <= ${NOW} THEN excluded.at ELSE greatest(known.at, excluded.at) END`),

    trim: prepared(`
      WITH placed AS (
        SELECT lineage, instance, row_number() OVER (PARTITION BY lineage ORDER BY at DESC) AS place FROM ${tabs}
        WHERE lineage IN (SELECT lineage FROM json_to_recordset($1::json) AS tab(lineage text))
      ), old AS (
        SELECT lineage, instance FROM ${tabs} WHERE due_at <= ${NOW} ORDER BY due_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${tabs} WHERE (lineage, instance) IN (
        SELECT lineage, instance FROM placed WHERE place > ${MOST_TABS} UNION SELECT lineage, instance FROM old)`),

    tabs: prepared(`SELECT ${columns} FROM ${tabs} WHERE lineage = $1 AND due_at > ${NOW}`),

    allTabs: prepared(`
      SELECT ${columns} FROM ${tabs} WHERE at >= $1 AND due_at > ${NOW} ORDER BY at DESC LIMIT $2`),

    users: prepared(`
      SELECT uid, max(at) AS at FROM ${tabs} WHERE uid IS NOT NULL AND at >= $1 AND due_at > ${NOW}
      GROUP BY uid ORDER BY max(at) DESC LIMIT $2`),

    countUsers: prepared(`
      SELECT count(DISTINCT uid) AS users FROM ${tabs} WHERE at >= $1 AND due_at > ${NOW}`),
  };
}

function asTab(row: Row): TabActivity {
  const [uid, isVisible] = [row['uid'], row['is_visible']];
  return {
    lineage: String(row['lineage']),
    uid: typeof uid === 'string' ? uid : undefined,
    instance: String(row['instance']),
    at: Number(row['at']),
    isVisible: typeof isVisible === 'boolean' ? isVisible : undefined,
    openUntil: Number(row['open_until']),
  };
}
